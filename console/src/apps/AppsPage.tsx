import { Route, Switch } from "wouter";
import { NotFound } from "../app/NotFound";
import { AppScreen } from "./AppScreen";
import { AppsScreen } from "./AppsScreen";

export default function AppsPage() {
  return (
    <Switch>
      <Route path="/apps" component={AppsScreen} />
      <Route path="/apps/:id">{({ id }) => <AppScreen id={id} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
}
