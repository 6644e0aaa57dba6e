import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";

type GuardedButtonProps = ButtonProps &
  Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps> & {
    /** Why it can't be pressed, in one sentence; null = it can. */
    refusal: string | null;
  };

/** A button that says why it can't be pressed. It stays reachable by keyboard, so that everybody can learn the reason. */
export function GuardedButton({ refusal, onClick, ...rest }: GuardedButtonProps) {
  if (refusal === null) return <Button onClick={onClick} {...rest} />;
  return (
    <Tooltip label={refusal} events={{ hover: true, focus: true, touch: true }}>
      <Button {...rest} data-disabled aria-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  );
}
