import { rememberedSearch } from "../../url/rememberedSearch";
import { FILTER_NAMES } from "./filters";

export const { note: noteListSearch, recall: lastListSearch } = rememberedSearch([
  ...FILTER_NAMES,
  "status",
  "search",
  "sort",
  "cursor",
]);
