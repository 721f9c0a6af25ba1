import { Sections } from "../ui/Sections";

/** The parts of the tab. Each has its `<Route>` in `ApiKeysPage`. */
const SECTIONS = [
  { path: "/api-keys", title: "Keys" },
  { path: "/api-keys/profiles", title: "Profiles" },
];

/** Leads to the parts of the tab. */
export function KeySections() {
  return <Sections label="API keys" sections={SECTIONS} />;
}
