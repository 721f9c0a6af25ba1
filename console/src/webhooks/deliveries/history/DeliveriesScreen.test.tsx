import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { api, later, problem, renderInConsole } from "../../../testing";
import { aDelivery, anAttempt, aWebhook } from "../../testing";
import WebhooksPage from "../../WebhooksPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const HOOK = aWebhook();
const PATH = `/webhooks/${HOOK.id}/deliveries`;

function open(list: unknown, path = PATH) {
  const answer = api({
    "GET /webhooks/*": HOOK,
    "GET /webhooks/*/deliveries": list,
    "GET /webhooks/*/deliveries/*": aDelivery([anAttempt()]),
  });
  return renderInConsole(<WebhooksPage />, { path, answer });
}

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) =>
    anAttempt({ deliveryId: `d-${from + at}`, externalId: `order-${from + at}` }),
  );
const links = () => screen.getAllByRole("link", { name: "order.created" });

test("the failed filter searches all pages and reports its progress", async () => {
  const failed = anAttempt({ deliveryId: "d-bad", externalId: "order-bad", status: "failed" });
  const { requests } = open(({ url }: Request) =>
    url.includes("cursor=") ? { data: [failed], nextCursor: null } : { data: many(50), nextCursor: "second" },
  );
  await screen.findByText("order-49");
  expect(screen.queryByText("order-bad")).toBeNull();
  await user.click(screen.getAllByText("Failed")[0] as HTMLElement);
  await screen.findByText("order-bad");
  expect(links()).toHaveLength(1);
  await screen.findByText("Looked through 51 attempts, to the end of the history.");
  expect(window.location.search).toBe("?status=failed");
  expect(new URL((requests.at(-1) as Request).url).searchParams.get("cursor")).toBe("second");
});

test("an older page is in the URL, is not live, and a delivery leads back to it", async () => {
  open(({ url }: Request) =>
    url.includes("cursor=") ? { data: many(2, 50), nextCursor: null } : { data: many(50), nextCursor: "second" },
  );
  await screen.findByText("order-49");
  await user.click(screen.getByRole("button", { name: "Next" }));
  await screen.findByText("order-51");
  await screen.findByText(/^Not live: this is an older page/);
  const { search } = window.location;
  expect(search).toContain("cursor=second");
  await user.click(links()[0] as HTMLElement);
  await waitFor(() => expect(window.location.pathname).toBe(`${PATH}/d-50`));
  await user.click(await screen.findByRole("link", { name: "Deliveries" }));
  await screen.findByText("order-51");
  expect(window.location.search).toBe(search);
});

test("an empty history offers a test event", async () => {
  open({ data: [], nextCursor: null });
  await screen.findByRole("heading", { name: "Nothing was sent yet" });
  await user.click(screen.getByRole("button", { name: "Send a test event" }));
  await screen.findByRole("dialog", { name: "Send test event" });
});

test("a history that cannot be loaded shows the reason", async () => {
  open(problem(403, "insufficient_scope", "You may not read deliveries."));
  const notice = await screen.findByRole("alert");
  expect(notice.textContent).toContain("You may not read deliveries.");
  expect(notice.textContent).toContain("req-1");
});

test("a placeholder is shown while the history loads", async () => {
  const list = later();
  const { requests } = open(list.answer);
  await waitFor(() => expect(requests.some(({ url }) => url.includes("/deliveries"))).toBe(true));
  expect(await screen.findByText("Loading")).toBeTruthy();
  list.give({ data: many(1), nextCursor: null });
  await screen.findByText("order-0");
  expect(screen.queryByText("Loading")).toBeNull();
});

test("a webhook of another account is a missing page", async () => {
  const answer = api({ "GET /webhooks/*": problem(404, "not_found", "No webhook with this id exists.") });
  renderInConsole(<WebhooksPage />, { path: PATH, answer });
  await screen.findByRole("heading", { name: "There is nothing at this address" });
});
