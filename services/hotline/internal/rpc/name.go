package rpc

import (
	"strconv"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// Resource names. The contract's patterns have been checked before anything here reads one.

// cityOf is the city of a name.
func cityOf(name string) string {
	city, _, _ := strings.Cut(strings.TrimPrefix(name, "cities/"), "/")
	return city
}

// lastID is the id at a name's end; nothing for no name.
func lastID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// enterpriseOf is the enterprise's id in the name of a project.
func enterpriseOf(project string) string {
	_, rest, _ := strings.Cut(project, "/enterprises/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

func refOf(name string) desk.Ref { return desk.Ref{City: cityOf(name), ID: lastID(name)} }

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

const ordersPart = "/workOrders/"

// orderRefOf takes the name of a work order apart.
func orderRefOf(name string) desk.OrderRef {
	of, number, _ := strings.Cut(name, ordersPart)
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 0 // which no order has
	}
	return desk.OrderRef{Ref: refOf(of), Number: n}
}

func orderName(t *ticket.Ticket, number int) string {
	return ticketName(t) + ordersPart + strconv.Itoa(number)
}

// named makes a name, or nothing of no id.
func named(city, collection, id string) string {
	if id == "" {
		return ""
	}
	return "cities/" + city + "/" + collection + "/" + id
}

func ticketName(t *ticket.Ticket) string { return named(t.City, "tickets", t.ID) }

func projectName(city string, of desk.Whose) string {
	if of.Project == "" {
		return ""
	}
	return named(city, "enterprises", of.Enterprise) + "/projects/" + of.Project
}

// seatName names who sits in a seat: the official, or the unit as such.
func seatName(city string, s ticket.Seat) string {
	if s.Official != "" {
		return named(city, "persons", s.Official)
	}
	return named(city, "units", s.Unit)
}
