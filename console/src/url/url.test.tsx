import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { useAccountId } from "../session/useAccountId";
import { renderInConsole, sessionToken } from "../testing";
import { AccountLink } from "./AccountLink";
import { useUrlParameter } from "./useUrlParameter";

const user = userEvent.setup();
const advisor = sessionToken({ role: "advisor", client_account_ids: ["c1", "c2"] });

function Filters() {
  const [search, setSearch] = useUrlParameter("search", { resets: ["cursor"] });
  const [status, setStatus] = useUrlParameter("status");
  const both = () => {
    setSearch("a b");
    setStatus("active");
  };
  return (
    <>
      <output>{JSON.stringify({ search, status })}</output>
      <button type="button" onClick={both}>
        Set
      </button>
      <button type="button" onClick={() => setSearch("")}>
        Clear
      </button>
    </>
  );
}

test("two parameters that are set at once are both kept, and an empty one is gone", async () => {
  renderInConsole(<Filters />, { path: "/?cursor=B&x=1" });
  await user.click(screen.getByRole("button", { name: "Set" }));
  expect(window.location.search).toBe("?x=1&search=a+b&status=active");
  expect(screen.getByRole("status").textContent).toBe('{"search":"a b","status":"active"}');
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(window.location.search).toBe("?x=1&status=active");
});

function Account() {
  const { accountId, choose } = useAccountId();
  return (
    <>
      <output>{accountId ?? "own"}</output>
      <button type="button" onClick={() => choose("c2")}>
        Client
      </button>
      <button type="button" onClick={() => choose(null)}>
        Own
      </button>
      <AccountLink to="/webhooks" parameters={{ status: "paused" }}>
        Webhooks
      </AccountLink>
    </>
  );
}

test("the chosen account stands in the address and in every link; one's own needs no mention", async () => {
  renderInConsole(<Account />, { token: advisor });
  expect(screen.getByRole("status").textContent).toBe("own");
  await user.click(screen.getByRole("button", { name: "Client" }));
  expect(window.location.search).toBe("?account=c2");
  expect(screen.getByRole("link").getAttribute("href")).toBe("/webhooks?status=paused&account=c2");
  await user.click(screen.getByRole("button", { name: "Own" }));
  expect(window.location.search).toBe("");
});
