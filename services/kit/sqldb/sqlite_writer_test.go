package sqldb

import "testing"

func TestPlaceholdersLoseTheirNames(t *testing.T) {
	for given, want := range map[string]string{
		"COMMIT":                            "COMMIT",
		"INSERT INTO t VALUES ($1, $2, $3)": "INSERT INTO t VALUES (?, ?, ?)",
		"UPDATE t SET a = $1 WHERE b = $2 AND c=$3":  "UPDATE t SET a = ? WHERE b = ? AND c=?",
		"UPDATE t SET a = $1 WHERE b = $2 OR c = $1": "UPDATE t SET a = $1 WHERE b = $2 OR c = $1", // twice
		"SELECT $2, $1":   "SELECT $2, $1",   // in another order
		"SELECT $1, '$2'": "SELECT $1, '$2'", // one of them is text
		"SELECT $1, ?":    "SELECT $1, ?",
	} {
		if got := unnamed(given); got != want {
			t.Errorf("%s becomes %s, want %s", given, got, want)
		}
	}
}
