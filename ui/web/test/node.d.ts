// The little of node that the tests use.
declare module "node:test" {
  export function test(name: string, run: () => void | Promise<void>): void;
}
declare module "node:assert/strict" {
  const assert: {
    equal(got: unknown, want: unknown, message?: string): void;
    deepEqual(got: unknown, want: unknown, message?: string): void;
    notEqual(got: unknown, other: unknown, message?: string): void;
    ok(value: unknown, message?: string): void;
  };
  export default assert;
}
