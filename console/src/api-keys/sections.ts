/** The parts of the tab; a part that stands alone has no navigation. Each has its `<Route>` in `ApiKeysPage`. */
export const sections: readonly { path: string; title: string }[] = [
  { path: "/api-keys", title: "Keys" },
  { path: "/api-keys/profiles", title: "Profiles" },
];
