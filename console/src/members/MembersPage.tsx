import { Route, Switch } from "wouter";
import { NotFound } from "../app/NotFound";
import { MembersScreen } from "./MembersScreen";

export default function MembersPage() {
  return (
    <Switch>
      <Route path="/members" component={MembersScreen} />
      <Route component={NotFound} />
    </Switch>
  );
}
