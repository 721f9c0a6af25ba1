import { expect, test, vi } from "vitest";
import { signInWithPassword } from "./supabase";

const supabase = { url: "https://p.supabase.co", key: "public" };
const signIn = () => signInWithPassword(supabase, "ada@example.com", "secret");

test("asks the project for a session", async () => {
  const fetch = vi.fn(async () => Response.json({ access_token: "t", refresh_token: "r" }));
  vi.stubGlobal("fetch", fetch);
  expect(await signIn()).toBe("t");
  expect(fetch).toHaveBeenCalledWith("https://p.supabase.co/auth/v1/token?grant_type=password", {
    method: "POST",
    headers: { apikey: "public", "Content-Type": "application/json" },
    body: '{"email":"ada@example.com","password":"secret"}',
    credentials: "omit",
  });
});

test.each([
  [400, "E-mail address or password is not right."],
  [429, "Too many attempts. Wait a minute and try again."],
  [503, "The sign-in service has a problem. Try again in a moment."],
])("%i is said in words", async (status, words) => {
  vi.stubGlobal("fetch", async () => new Response("<html>", { status }));
  await expect(signIn()).rejects.toThrow(words);
});

test("no connection is said in words", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(signIn()).rejects.toThrow("The sign-in service doesn't answer.");
});
