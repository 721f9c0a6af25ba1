import "@mantine/core/styles.css";
import "./app/app.css";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { here } from "./app/place";
import { styleNonce } from "./app/styleNonce";
import { createSessions } from "./session/sessions";
import { tabStorage } from "./session/tabStorage";
import { takeSessionFromAddress } from "./session/takeSessionFromAddress";

// Before anything else looks at the address: the token must not stay in it.
const sessions = createSessions(tabStorage(window));
takeSessionFromAddress(window, sessions, here);
// A link to where one is already changes the fragment alone.
window.addEventListener("hashchange", () => takeSessionFromAddress(window, sessions, here));

setNonce(styleNonce()); // for the style that stops scrolling behind a modal

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root.");
createRoot(root).render(
  <StrictMode>
    <App sessions={sessions} />
  </StrictMode>,
);
