import { lazy } from "react";
import { Route, Switch } from "wouter";
import { NotFound } from "../app/NotFound";
import { KeyScreen } from "./detail/KeyScreen";
import { KeysScreen } from "./list/KeysScreen";

const ProfilesScreen = lazy(() => import("./profiles/ProfilesScreen"));

export default function ApiKeysPage() {
  return (
    <Switch>
      <Route path="/api-keys" component={KeysScreen} />
      <Route path="/api-keys/profiles" component={ProfilesScreen} />
      <Route path="/api-keys/:id">{({ id }) => <KeyScreen id={id} key={id} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
}
