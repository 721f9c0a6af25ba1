import { rememberedSearch } from "../../url/rememberedSearch";

export const { note: noteListSearch, recall: lastListSearch } = rememberedSearch([
  "status",
  "search",
  "sort",
  "cursor",
]);
