/** Where the tiles of a city's counties lie, column and row: roughly as on a map, all of one size. A city that is not here has them in its own order. */
const places: Record<string, Record<string, [number, number]>> = {
  410900: {
    410923: [1, 1], 410922: [2, 1], 410972: [3, 1], 410971: [4, 1],
    410902: [1, 2], 410928: [2, 2], 410926: [3, 2], 410927: [4, 2],
  },
}
export function place(city: string, county: string): [number, number] | undefined { return places[city]?.[county] }
