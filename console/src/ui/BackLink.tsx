import { Link } from "wouter";
import IconArrowLeft from "~icons/tabler/arrow-left";
import { useAccountHref } from "../url/AccountLink";
import classes from "./BackLink.module.css";

/** Leads from one thing back to the list that it is in; `parameters` are what that list's address said. */
export function BackLink(props: { to: string; parameters?: Record<string, string>; children: string }) {
  const { to, parameters, children } = props;
  const hrefOf = useAccountHref();
  return (
    <Link href={hrefOf(to, parameters)} className={classes.back ?? ""}>
      <IconArrowLeft size={16} />
      {children}
    </Link>
  );
}
