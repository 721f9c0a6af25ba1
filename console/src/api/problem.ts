/** Why the API refused or failed, from its problem document (RFC 9457). */
export class ApiError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** Stable, for decisions: `insufficient_scope`. */
  readonly code: string;
  /** For the support; null where the API was not reached. */
  readonly requestId: string | null;
  /** One per field that is not right. */
  readonly fields: FieldProblem[];
  /** When to try again; null if the answer doesn't say. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: {
    status: number;
    code: string;
    detail: string;
    requestId?: string | null;
    fields?: FieldProblem[];
    retryAfterSeconds?: number | null;
  }) {
    super(problem.detail);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code;
    this.requestId = problem.requestId ?? null;
    this.fields = problem.fields ?? [];
    this.retryAfterSeconds = problem.retryAfterSeconds ?? null;
  }
}

export interface FieldProblem {
  /** A JSON pointer into the body, `/scopes/0`. */
  pointer: string;
  detail: string;
}

/** The error of an answer that is none of the good ones; `body` is what openapi-fetch read of it. */
export function apiError(response: Response, body: unknown): ApiError {
  const problem = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ApiError({
    status: response.status,
    code: text(problem.code) ?? "unknown",
    detail: text(problem.detail) ?? `The API answered ${response.status} and said no more.`,
    requestId: text(problem.requestId),
    fields: Array.isArray(problem.errors) ? problem.errors.filter(isFieldProblem) : [],
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : null,
  });
}

/** What is shown when no answer came at all. */
export function unreachable(): ApiError {
  return new ApiError({
    status: 0,
    code: "unreachable",
    detail: "The API doesn't answer. Check your connection and try again.",
  });
}

/** Field name → what is wrong with it, for forms; `/limits/rate` is found under `limits.rate`. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    error.fields.map(({ pointer, detail }) => [pointer.replace(/^\//, "").replaceAll("/", "."), detail]),
  );
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return typeof value === "object" && value !== null && "pointer" in value && "detail" in value;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
