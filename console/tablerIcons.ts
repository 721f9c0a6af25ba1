import { createRequire } from "node:module";
import type { Plugin } from "vite";

const PREFIX = "~icons/tabler/";
const FORM = '(?:fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" stroke-width="2" ?)';
const OUTLINE = new RegExp(`^(<path ${FORM}d="[^"]+"/>|<g ${FORM}>(<path d="[^"]+"/>)+</g>)$`);

/** Imports of `~icons/tabler/<name>`: the named outline icon of Tabler Icons as a component. */
export function tablerIcons(): Plugin {
  const { icons } = createRequire(import.meta.url)("@iconify-json/tabler/icons.json") as {
    icons: Record<string, { body: string }>;
  };
  return {
    name: "tabler-icons",
    enforce: "pre",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const name = id.slice(PREFIX.length + 1);
      const body = icons[name]?.body;
      if (!body || !OUTLINE.test(body)) throw new Error(`Tabler Icons has no outline icon "${name}".`);
      const paths = [...body.matchAll(/ d="([^"]+)"/g)].map((match) => match[1]);
      return `import { icon } from "/src/ui/icon";\nexport default icon(${JSON.stringify(paths)});\n`;
    },
  };
}
