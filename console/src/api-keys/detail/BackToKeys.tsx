import { IconArrowLeft } from "@tabler/icons-react";
import { Link, useSearchParams } from "wouter";
import { useAccountHref } from "../../url/AccountLink";
import { lastListSearch } from "../list/lastListSearch";
import classes from "./KeyScreen.module.css";

/** Leads back to the list as it was left: searched, filtered and sorted. */
export function BackToKeys() {
  const hrefOf = useAccountHref();
  const [parameters] = useSearchParams();
  return (
    <Link href={hrefOf("/api-keys", lastListSearch(parameters))} className={classes.back ?? ""}>
      <IconArrowLeft size={16} aria-hidden />
      API keys
    </Link>
  );
}
