import { Route, Switch } from "wouter";
import { NotFound } from "../app/NotFound";
import { AuditScreen } from "./AuditScreen";

export default function AuditPage() {
  return (
    <Switch>
      <Route path="/audit" component={AuditScreen} />
      <Route component={NotFound} />
    </Switch>
  );
}
