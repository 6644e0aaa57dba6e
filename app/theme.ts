import { Alert, createTheme, type MantineColorsTuple, Notification } from "@mantine/core";

/** A quiet teal: status colours (green, red, yellow) must stay louder than the brand. */
const brand: MantineColorsTuple = [
  "#e6fafb",
  "#d6eff1",
  "#aedfe3",
  "#83cfd5",
  "#60c1c9",
  "#4ab8c2",
  "#0f8a96",
  "#0b747e",
  "#076069",
  "#00474e",
];

export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: 7,
  autoContrast: true,
  colors: { brand },
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  components: {
    // A finger needs 24 px (WCAG 2.2, 2.5.8); Mantine's own is smaller.
    Alert: Alert.extend({ styles: { closeButton: { width: 28, height: 28, minWidth: 28 } } }),
    // What was done is read once, and soon gone: its words are as dark as any, and its button has a name.
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { "aria-label": "Close" } },
      styles: { description: { color: "var(--mantine-color-text)" } },
    }),
  },
});
