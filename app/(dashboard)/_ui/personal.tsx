import { MASK } from "#contracts/personal";

/** Why something is not shown or can't be opened. */
export const personalReason = "Personal data: your role sees it masked.";

/** A value that may be masked: then it looks so, and says why on hover. */
export function Personal({ children: value }: { children: string }) {
  if (!value.includes(MASK)) return value;
  return <Withheld>{value}</Withheld>;
}

/** Stands in place of what this role may not open. */
export function Withheld({ children }: { children: string }) {
  return (
    <span title={personalReason} style={{ textDecoration: "underline dotted", textUnderlineOffset: 3, cursor: "help" }}>
      {children}
    </span>
  );
}
