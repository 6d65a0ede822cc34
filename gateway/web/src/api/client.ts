/**
 * The way to the services: a typed client made from the OpenAPI document. It says the language, proves that the page itself calls, renews the session
 * when it is stale, and asks the person to sign in again without losing the call: the same request, with the same key, goes out once more.
 */
import createClient from 'openapi-fetch'
import { settings } from '@/style/settings'
import type { components, paths } from './schema'
import { heardServerTime } from '@/time/ticker'
import { Problem, problemOf, unreachable } from './problem'

export type Schemas = components['schemas']
/** Hotline, Directory, Attendant and Agency name the messages of a service: Hotline<'Ticket'>. */
export type Hotline<K extends Tail<'hotline'>> = Schemas[`throughtrain.hotline.v1.${K}`]
export type Directory<K extends Tail<'directory'>> = Schemas[`throughtrain.directory.v1.${K}`]
export type Attendant<K extends Tail<'attendant'>> = Schemas[`throughtrain.attendant.v1.${K}`]
export type Agency<K extends Tail<'agency'>> = Schemas[`throughtrain.agency.v1.${K}`]
type Tail<S extends string> = keyof Schemas extends infer N ? N extends `throughtrain.${S}.v1.${infer T}` ? T : never : never

/** The proof that a page of ours calls: other sites cannot set it without being asked first. */
export const proof = { 'X-Requested-With': 'through-train' }

let renew: () => Promise<boolean> = () => Promise.resolve(false)
/** onStale says what to do when the session is over: answer whether there is a new one. session/session.ts does. */
export function onStale(does: () => Promise<boolean>) { renew = does }

/** send is fetch with all of the above. */
export async function send(request: Request): Promise<Response> {
  request.headers.set('Accept-Language', settings.lang)
  for (const [name, value] of Object.entries(proof)) request.headers.set(name, value)
  const again = request.clone()
  let response: Response
  try {
    response = await fetch(request)
  } catch (e) {
    if (request.signal.aborted) throw e
    throw unreachable()
  }
  heardServerTime(response.headers.get('Date'))
  if (response.status !== 401 || !await renew()) return response
  try {
    return await fetch(again)
  } catch (e) {
    if (request.signal.aborted) throw e
    throw unreachable()
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send, querySerializer: { array: { style: 'form', explode: true } } })

interface Answer<T> { data?: T, error?: unknown, response: Response }

/** ask gives what a call answers, or throws the Problem. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw await problemOf(response, error)
  return data as T
}

/** asProblem makes whatever was thrown into one. */
export function asProblem(e: unknown): Problem {
  if (e instanceof Problem) return e
  console.error(e)
  return new Problem(500, 'PAGE_FAULT', e instanceof Error ? e.message : String(e))
}

/** json calls one of the gateway's own addresses under /web. */
export async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { ...proof, 'Accept-Language': settings.lang, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => { throw unreachable() })
  if (!response.ok) throw await problemOf(response)
  return (response.status === 204 ? null : await response.json()) as T
}
