import { Textarea } from "@mantine/core";

type ReasonFieldProps = {
  value: string;
  onChange(reason: string): void;
  /** Without it the act can't be done. */
  isRequired?: boolean;
  /** The first field of a dialog has the focus. */
  hasFocus?: boolean;
  /** As many characters as the API takes. */
  maxLength?: number;
};

/** Why somebody does it. */
export function ReasonField({
  value,
  onChange,
  isRequired = true,
  hasFocus = false,
  maxLength = 2_000,
}: ReasonFieldProps) {
  return (
    <Textarea
      label="Reason"
      description={isRequired ? "Three letters at least; it stands in the audit." : "It stands in the audit."}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      maxLength={maxLength}
      autosize
      minRows={isRequired ? 2 : 1}
      required={isRequired}
      data-autofocus={hasFocus || undefined}
    />
  );
}
