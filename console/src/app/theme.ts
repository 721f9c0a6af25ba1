import { type CSSVariablesResolver, createTheme } from "@mantine/core";

const DIALOG_TITLE = { defaultProps: { fz: "lg", fw: 600 } };

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 7 },
  black: "#1a1d21",
  autoContrast: true,
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Liberation Mono', monospace",
  headings: { fontWeight: "600" },
  components: {
    // Its placeholder takes the focus, and has a role that may not (axe: aria-required-children).
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // The page has one banner, and that is not a dialog's head.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    ModalTitle: DIALOG_TITLE,
    DrawerTitle: DIALOG_TITLE,
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 200 } },
    Table: { defaultProps: { verticalSpacing: "sm", highlightOnHover: true } },
  },
});

/** Mantine's own greys and reds for text are below 4.5:1 (WCAG 2.2, 1.4.3); these are above it on every ground. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-error": "#c92a2a",
    "--console-good": "#2b8a3e",
    "--console-waiting": "#e67700",
    "--console-bad": "#e03131",
    "--console-off": "#868e96",
  },
  dark: {
    "--mantine-color-dimmed": "#b0b0b0",
    "--mantine-color-placeholder": "#9a9a9a",
    "--mantine-color-error": "#ff8787",
    "--console-good": "#51cf66",
    "--console-waiting": "#fcc419",
    "--console-bad": "#ff6b6b",
    "--console-off": "#909296",
  },
});
