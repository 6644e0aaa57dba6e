import { Button, Group, Text } from "@mantine/core";
import Link from "next/link";

/** An empty shop says what to do next. */
export function NoOrders() {
  return (
    <Group>
      <Text>No order yet.</Text>
      <Button component={Link} href="/place-order" size="xs">
        Place one
      </Button>
    </Group>
  );
}
