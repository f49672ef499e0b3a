// Who is logged in. Other tabs and other screens ask here.
import { signal } from "@preact/signals";
import { at } from "../api/address";
import { Problem, get, loggedOut, send } from "../api/client";
import type { DemoLogin, Session } from "../api/types";

export const session = signal<Session | null | undefined>(undefined);

/** True unless the server says that this person's role does not include it. */
export const may = (permission: string) => session.value?.permissions?.includes(permission) ?? true;

export async function readSession(): Promise<void> {
  try {
    session.value = await get(at("/v1/session", {}));
    loggedOut.value = false;
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 0) {
      setTimeout(() => void readSession(), 2000);
      return;
    }
    session.value = null;
  }
}

export async function login(name: string, password: string, code?: string): Promise<void> {
  await send("post", "/v1/session", {}, { name, password, code: code || null });
  await readSession();
}
export async function demoLogin(name: string): Promise<void> {
  await send("post", "/v1/session/demo", {}, { name });
  await readSession();
}
export async function logout(): Promise<void> {
  await send("delete", "/v1/session", {}).catch(() => undefined);
  session.value = null;
}

/** The ready logins of the demo; empty outside it. */
export async function demoLogins(): Promise<DemoLogin[]> {
  try {
    return (await get(at("/v1/session/demo", {}))).items;
  } catch {
    return [];
  }
}
