import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { aMe, problem, renderInConsole, sessionToken } from "../testing";
import { Access } from "./Access";

const advisor = sessionToken({ role: "advisor", client_account_ids: ["c1", "c2"] });

test("the rights are those in the selected account", async () => {
  const asked: (string | null)[] = [];
  const me = (request: Request) => {
    asked.push(request.headers.get("x-account-id"));
    return aMe(request);
  };
  renderInConsole(<Access>content</Access>, { token: advisor, path: "/?account=c1", me });
  await screen.findByText("content");
  await expect.poll(() => asked).toEqual(["c1"]);
});

test("a caller without rights reads why, and sees nothing else", async () => {
  const me = () => problem(403, "role_not_allowed", "Only admins, advisors and members with a profile have rights.");
  renderInConsole(<Access>content</Access>, { token: sessionToken({ role: "member" }), me });
  const reason = await screen.findByRole("alert");
  expect(reason.textContent).toContain("Only admins, advisors and members with a profile have rights.");
  expect(reason.textContent).toContain("The role in your session is member.");
  expect(reason.textContent).toContain("req-1");
  expect(screen.queryByText("content")).toBeNull();
});

test("a 401 ends the session and keeps the address", async () => {
  const me = () => problem(401, "invalid_token", "The token has expired.");
  const { sessions } = renderInConsole(<Access>content</Access>, { me, path: "/webhooks?status=paused" });
  await expect.poll(() => sessions.current().ended).toBe("expired");
  expect(sessions.takeReturnAddress()).toBe("/webhooks?status=paused");
});
