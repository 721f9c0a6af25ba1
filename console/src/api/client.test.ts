import { expect, test, vi } from "vitest";
import { problem } from "../testing";
import { answered, createApi, isWorthAnotherTry } from "./client";
import { ApiError, fieldErrors, unreachable } from "./problem";

function apiThat(answer: (request: Request) => Response | Promise<Response>, accountId: string | null = null) {
  const requests: Request[] = [];
  const onExpired = vi.fn();
  const api = createApi({
    apiUrl: "https://example.com/api/v1",
    token: "t",
    accountId,
    onExpired,
    fetch: async (request) => {
      requests.push(request);
      return answer(request);
    },
  });
  return { api, requests, onExpired };
}

const list = { data: [], nextCursor: null };

test("a request is made below the base path, by who is signed in", async () => {
  const { api, requests } = apiThat(() => Response.json(list));
  expect(await answered(api.GET("/api-keys", { params: { query: { limit: 1 } } }))).toEqual(list);
  expect(requests[0]?.url).toBe("https://example.com/api/v1/api-keys?limit=1");
  expect(requests[0]?.headers.get("authorization")).toBe("Bearer t");
  expect(requests[0]?.headers.has("x-account-id")).toBe(false);
});

test("for a client, the account is named", async () => {
  const { api, requests } = apiThat(() => Response.json(list), "c1");
  await answered(api.GET("/api-keys"));
  expect(requests[0]?.headers.get("x-account-id")).toBe("c1");
});

test("a refusal is thrown with the problem document's words", async () => {
  const errors = [{ pointer: "/rateLimit/limit", detail: "Too high." }];
  const { api, onExpired } = apiThat(() => problem(422, "invalid_fields", "One field is wrong.", { errors }));
  const error: ApiError = await answered(api.GET("/api-keys")).catch((each) => each);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 422,
    code: "invalid_fields",
    message: "One field is wrong.",
    requestId: "req-1",
  });
  expect(fieldErrors(error)).toEqual({ "rateLimit.limit": "Too high." });
  expect(onExpired).not.toHaveBeenCalled();
});

test("an answer that is no problem document is one, too", async () => {
  const { api } = apiThat(() => new Response("<html>", { status: 502, headers: { "Retry-After": "3" } }));
  const error: ApiError = await answered(api.GET("/api-keys")).catch((each) => each);
  expect(error).toMatchObject({ status: 502, code: "unknown", requestId: null, retryAfterSeconds: 3 });
});

test("no answer at all is said in words", async () => {
  const { api } = apiThat(() => Promise.reject(new TypeError("Failed to fetch")));
  await expect(answered(api.GET("/api-keys"))).rejects.toMatchObject({ status: 0, code: "unreachable" });
});

test("a 401 ends the session", async () => {
  const { api, onExpired } = apiThat(() => problem(401, "invalid_token", "The token has expired."));
  await expect(answered(api.GET("/api-keys"))).rejects.toThrow("The token has expired.");
  expect(onExpired).toHaveBeenCalledOnce();
});

test("only what may pass is asked again, and not for ever", () => {
  const failed = (status: number) => new ApiError({ status, code: "x", detail: "x" });
  expect([failed(503), unreachable()].map((error) => isWorthAnotherTry(0, error))).toEqual([true, true]);
  expect([failed(404), failed(429), new Error("x")].map((error) => isWorthAnotherTry(0, error))).toEqual([
    false,
    false,
    false,
  ]);
  expect(isWorthAnotherTry(3, failed(503))).toBe(false);
});
