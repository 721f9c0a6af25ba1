import { fireEvent, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { aMe, api, changes, later, problem, renderInConsole, sessionToken } from "../testing";
import ConsentPage from "./ConsentPage";
import * as leaving from "./goTo";
import * as framing from "./isFramed";

const QUERY = "response_type=code&client_id=c-1&state=a%20b";
const CLIENT = {
  id: "c-1",
  name: "Warehouse app",
  clientUri: "https://app.example.com",
  policyUri: null,
  isOperators: false,
  redirectHost: "app.example.com",
};
const SCREEN = {
  client: CLIENT,
  scopes: ["orders:read", "laps:*"],
  endsAt: "2126-05-31T10:00:00Z",
  isRemembered: false,
  redirectTo: null,
};
const BACK = "https://app.example.com/callback?code=1";

afterEach(() => vi.restoreAllMocks());

function opened(
  described: unknown,
  decided: unknown = { redirectTo: BACK },
  as: { token?: string; me?: typeof aMe } = {},
) {
  const goTo = vi.spyOn(leaving, "goTo").mockImplementation(() => {});
  const answer = api({ "POST /oauth/consent-screen": described, "POST /oauth/consents": decided });
  return { goTo, ...renderInConsole(<ConsentPage />, { answer, path: `/authorize?${QUERY}`, ...as }) };
}

test("the user sees who asks, for which rights and for how long", async () => {
  const { container } = opened(SCREEN);
  await screen.findByRole("heading", { name: "Warehouse app wants to use your account" });
  await screen.findByText("Read order data");
  const text = container.textContent ?? "";
  for (const part of [
    "Registered by an admin of this account.",
    "You return to app.example.com.",
    "orders:read",
    "laps:*",
    "May 31, 2126",
    "You are signed in as ada@example.com.",
  ])
    expect(text).toContain(part);
  expect(screen.getByRole("link", { name: "Home page" }).getAttribute("rel")).toBe("noreferrer noopener");
  expect(screen.queryByRole("link", { name: "Privacy policy" })).toBeNull();
});

test("the answer is sent once with the query of the app, and the browser returns to the app", async () => {
  const { goTo, requests } = opened(SCREEN);
  const allow = await screen.findByRole("button", { name: "Allow" });
  fireEvent.click(allow);
  fireEvent.click(allow);
  await expect.poll(() => goTo.mock.calls).toEqual([[BACK]]);
  expect(await changes(requests)).toEqual([
    ["POST /oauth/consent-screen", { query: QUERY }],
    ["POST /oauth/consents", { query: QUERY, decision: "allow" }],
  ]);
});

test("denying returns to the app", async () => {
  const { goTo, requests } = opened(SCREEN);
  fireEvent.click(await screen.findByRole("button", { name: "Deny" }));
  await expect.poll(() => goTo.mock.calls).toEqual([[BACK]]);
  expect((await changes(requests)).at(-1)).toEqual(["POST /oauth/consents", { query: QUERY, decision: "deny" }]);
});

test("a remembered consent is sent once without a question", async () => {
  const { goTo, requests } = opened({ ...SCREEN, isRemembered: true });
  await screen.findByText("Connecting Warehouse app…");
  await expect.poll(() => goTo.mock.calls).toEqual([[BACK]]);
  expect((await changes(requests)).filter(([route]) => route === "POST /oauth/consents")).toHaveLength(1);
});

test("a remembered consent that cannot be sent becomes a question", async () => {
  opened({ ...SCREEN, isRemembered: true }, problem(429, "account_rate_limited", "Too many changes."));
  await screen.findByText("Too many changes.");
  await screen.findByRole("button", { name: "Allow" });
});

test("a refused answer can be sent again", async () => {
  const answers = [problem(503, "temporarily_unavailable", "Try again."), { redirectTo: BACK }];
  const { goTo } = opened(SCREEN, () => answers.shift());
  fireEvent.click(await screen.findByRole("button", { name: "Allow" }));
  await screen.findByText("Your answer wasn't saved");
  fireEvent.click(screen.getByRole("button", { name: "Allow" }));
  await expect.poll(() => goTo.mock.calls).toEqual([[BACK]]);
});

test("an error that only the app can handle returns to the app at once", async () => {
  const { goTo } = opened({ ...SCREEN, client: null, scopes: [], redirectTo: `${BACK}&error=invalid_scope` });
  await expect.poll(() => goTo.mock.calls).toEqual([[`${BACK}&error=invalid_scope`]]);
  expect(screen.queryByRole("button", { name: "Allow" })).toBeNull();
});

test("a user without any of the rights can only return", async () => {
  const { requests } = opened({ ...SCREEN, scopes: [] });
  await screen.findByText(/none of the rights/);
  expect(screen.queryByRole("button", { name: "Allow" })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Return to the app" }));
  await expect.poll(async () => (await changes(requests)).length).toBe(2);
});

test.each([
  ["unknown_oauth_client", 422],
  ["consent_not_possible", 403],
  ["too_many_oauth_grants", 409],
])("%s is explained without a question", async (code, status) => {
  opened(problem(status, code, `Why: ${code}.`));
  expect((await screen.findByRole("alert")).textContent).toContain(`Why: ${code}.`);
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
});

test("an advisor chooses the account, which is described anew", async () => {
  const asked: (string | null)[] = [];
  opened(
    (request: Request) => {
      asked.push(request.headers.get("x-account-id"));
      return SCREEN;
    },
    undefined,
    {
      token: sessionToken({ role: "advisor", client_account_ids: ["globex"], account_names: { globex: "Globex" } }),
      me: (request) => aMe(request, { role: "advisor", accountId: "acme", clientAccountIds: ["globex"] }),
    },
  );
  fireEvent.click(await screen.findByRole("combobox", { name: "Account" }));
  fireEvent.click(await screen.findByRole("option", { name: /Globex/ }));
  await expect.poll(() => asked).toEqual([null, "globex"]);
});

test("an advisor can choose another account if the own account doesn't know the app", async () => {
  opened(
    (request: Request) =>
      request.headers.has("x-account-id") ? SCREEN : problem(422, "unknown_oauth_client", "No app has this id."),
    undefined,
    {
      token: sessionToken({ role: "advisor", client_account_ids: ["globex"], account_names: { globex: "Globex" } }),
      me: (request) => aMe(request, { role: "advisor", clientAccountIds: ["globex"] }),
    },
  );
  await screen.findByText("No app has this id.");
  fireEvent.click(screen.getByRole("combobox", { name: "Account" }));
  fireEvent.click(await screen.findByRole("option", { name: /Globex/ }));
  await screen.findByRole("button", { name: "Allow" });
});

test("a request that was not described can be sent again", async () => {
  const answers = [problem(429, "account_rate_limited", "Too many requests."), SCREEN];
  opened(() => answers.shift());
  fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
  await screen.findByRole("button", { name: "Allow" });
});

test("an ended session leads to sign-in", async () => {
  const { sessions } = opened(problem(401, "invalid_session", "Sign in again."));
  await expect.poll(() => sessions.current().session).toBeNull();
});

test("React's strict mode does not send a remembered consent twice", async () => {
  const goTo = vi.spyOn(leaving, "goTo").mockImplementation(() => {});
  const answer = api({
    "POST /oauth/consent-screen": { ...SCREEN, isRemembered: true },
    "POST /oauth/consents": { redirectTo: BACK },
  });
  const content = (
    <StrictMode>
      <ConsentPage />
    </StrictMode>
  );
  const { requests } = renderInConsole(content, { answer, path: `/authorize?${QUERY}` });
  await expect.poll(() => goTo.mock.calls).toEqual([[BACK]]);
  expect((await changes(requests)).filter(([route]) => route === "POST /oauth/consents")).toHaveLength(1);
});

test("in a frame nothing is asked", async () => {
  vi.spyOn(framing, "isFramed").mockReturnValue(true);
  const { requests } = opened(SCREEN);
  expect(screen.getByRole("alert").textContent).toContain("Open this page in a window of its own");
  expect(requests).toEqual([]);
});

test("while the request is described, the page says that it loads", async () => {
  opened(later().answer);
  await screen.findByLabelText("Loading");
});

test.each(["javascript:alert(1)", "data:text/html,x", "blob:https://a.example/1"])("%s is never opened", (url) => {
  const replace = vi.fn();
  vi.stubGlobal("location", { replace });
  leaving.goTo(url);
  expect(replace).not.toHaveBeenCalled();
  leaving.goTo("com.example.app:/callback?code=1");
  expect(replace).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});
