package rpc

import (
	"strconv"
	"strings"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// Resource names. The contract's patterns have been checked before anything here reads one.

// part is the n-th part of a name, from 0.
func part(name string, n int) string {
	for range n {
		_, name, _ = strings.Cut(name, "/")
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}

func cityOf(name string) string { return part(name, 1) } // cities/{1}

// refOf names the case in a name of it, or of something in it.
func refOf(name string) desk.Ref { return desk.Ref{City: cityOf(name), ID: part(name, 3)} } // cities/1/cases/{3}

const (
	itemsPart       = "/items/"
	commitmentsPart = "/commitments/"
	notesPart       = "/notes/"
	documentsPart   = "/documents/"
)

// after is what follows a part of a name; empty when it is not there.
func after(name, part string) string {
	_, rest, _ := strings.Cut(name, part)
	return rest
}

// itemOf is the code of the item in a name.
func itemOf(name string) string { return after(name, itemsPart) }

// numberOf is the number of the commitment in a name; 0, which none has, when there is none.
func numberOf(name string) int {
	n, err := strconv.Atoi(after(name, commitmentsPart))
	if err != nil {
		return 0
	}
	return n
}

// enterpriseOf is the id in the name of an enterprise, or of a project of it.
func enterpriseOf(name string) string { return part(name, 3) } // cities/1/enterprises/{3}

func projectOf(name string) string { return part(name, 5) } // cities/1/enterprises/3/projects/{5}

// idIn is the id in a name of the city's; a name of another city stays whole, and is nobody's.
func idIn(city, collection, name string) string {
	if id, ok := strings.CutPrefix(name, "cities/"+city+"/"+collection+"/"); ok {
		return id
	}
	return name
}

func idsIn(city, collection string, names []string) []string {
	ids := make([]string, len(names))
	for i, name := range names {
		ids[i] = idIn(city, collection, name)
	}
	return ids
}

// documentIn is the id in the name of a document of the case; one of another case stays whole, and is not there.
func documentIn(ref desk.Ref, name string) string {
	return idIn(ref.City, "cases/"+ref.ID+"/documents", name)
}

// named makes a name, or nothing of no id.
func named(city, collection, id string) string {
	if id == "" {
		return ""
	}
	return "cities/" + city + "/" + collection + "/" + id
}

func caseName(c *casefile.Case) string { return named(c.City, "cases", c.ID) }

func projectName(c *casefile.Case) string {
	if c.Project == "" {
		return ""
	}
	return named(c.City, "enterprises", c.Enterprise) + "/projects/" + c.Project
}

func documentName(c *casefile.Case, id string) string {
	if id == "" {
		return ""
	}
	return caseName(c) + documentsPart + id
}
