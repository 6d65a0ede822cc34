/** Resource names: cities/{city}/tickets/{ticket} and what hangs below. */

/** params splits a name into the parameters of its path: {city, ticket} of cities/410900/tickets/…. */
export function params<K extends string>(name: string, ...collections: K[]): Record<Singular<K>, string> {
  const parts = name.split('/')
  const out: Record<string, string> = {}
  for (let i = 0; i + 1 < parts.length; i += 2) out[singular(parts[i] as string)] = parts[i + 1] as string
  for (const c of collections) if (!out[singular(c)]) throw new TypeError(`${name} has no ${c}`)
  return out as Record<Singular<K>, string>
}

type Singular<K extends string> = K extends 'cities' ? 'city' : K extends 'enterprises' ? 'enterprise' : K extends `${infer S}s` ? S : K

function singular(collection: string): string {
  return collection === 'cities' ? 'city' : collection.replace(/s$/, '')
}

/** last is the id at the end of a name. */
export function last(name: string | undefined): string { return name?.slice(name.lastIndexOf('/') + 1) ?? '' }

/** spoken groups a ticket's number for reading aloud: 261126 000123 4. */
export function spoken(number: string | undefined): string {
  return number ? `${number.slice(0, 6)} ${number.slice(6, 9)} ${number.slice(9)}` : ''
}
