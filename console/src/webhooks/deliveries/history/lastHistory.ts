import { rememberedSearch } from "../../../url/rememberedSearch";

export const { note: noteHistorySearch, recall: lastHistorySearch } = rememberedSearch(["status", "cursor"]);
