package hotline_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func (w *world) note(t *testing.T, ctx context.Context, ticket, text string) *hotlinev1.Message { //nolint:revive // the context is the caller
	t.Helper()
	return must[*hotlinev1.Message](t)(w.CreateInternalNote(ctx, &hotlinev1.CreateInternalNoteRequest{Parent: ticket, Text: text}))
}

// everything is all that somebody can read of a ticket, byte by byte.
func (w *world) everything(t *testing.T, caller authn.Caller, c *canaries) []byte {
	t.Helper()
	w.idle(t)
	var all bytes.Buffer
	rows := readings(c)
	for _, method := range contractMethods() {
		if changes(method) || method.IsStreamingServer() || method.Name() == "PreviewDeadlines" || method.Parent().Name() == "BoardService" {
			continue
		}
		for _, in := range rows[method.FullName()] {
			said, s := w.answered(w.with(t, caller), method, in)
			fmt.Fprintf(&all, "%s %v %q\n", method.Name(), s.Code(), said)
		}
	}
	return all.Bytes()
}

// A note changes nothing that the filer's side can read, and invites them to nothing; officials read it, each with its author.
func TestANoteIsNothingToTheFiler(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := &canaries{kind: plainKind, shape: "worked", filer: desktest.Caller(desktest.Filer), file: "cities/410900/tickets/x/attachments/y",
			issue: city + "/commonIssues/019c0000-0000-7000-8000-000000000000", texts: []string{"title", "body"}}
		filed := w.file(t)
		c.name, c.number, c.project = filed.GetName(), filed.GetNumber(), "none"
		w.dispatched(t, c, policytest.Attendant)
		w.idle(t)
		colleague := desktest.Caller(desktest.Colleague)
		before := map[string][]byte{"filer": w.everything(t, c.filer, c), "colleague": w.everything(t, colleague, c)}
		mine := w.watch(t, c.filer, &hotlinev1.WatchRequest{Ticket: c.name})
		desk := w.watch(t, desktest.Caller(policytest.Attendant), &hotlinev1.WatchRequest{Ticket: c.name})
		mine.want(ready())
		desk.want(ready())
		version := w.seenBy(t, c.name, policytest.Attendant).GetEtag()

		n := w.note(t, w.as(t, policytest.Attendant), c.name, "对方律师已介入，措辞谨慎")
		if n.GetKind() != hotlinev1.Message_INTERNAL_NOTE || n.GetAuthor() != hotlinev1.Message_HOLDER || n.GetAuthorDisplayName() == "" {
			t.Errorf("%v", n)
		}
		w.note(t, w.as(t, policytest.Supervisor), c.name, "已提醒")
		desk.want(changed(c.name, 3))
		for name, was := range before {
			caller := map[string]authn.Caller{"filer": c.filer, "colleague": colleague}[name]
			if is := w.everything(t, caller, c); !bytes.Equal(is, was) {
				t.Errorf("the %s can tell:\n%s\n%s", name, was, is)
			}
		}
		if now := w.seenBy(t, c.name, policytest.Attendant).GetEtag(); now != version {
			t.Errorf("the ticket is at version %s, was at %s", now, version)
		}
		must[*hotlinev1.Message](t)(w.CreateMessage(w.as(t, policytest.Attendant), &hotlinev1.CreateMessageRequest{Parent: c.name, Text: "您好"}))
		mine.want(changed(c.name, 4)) // the first that they are told

		all := must[*hotlinev1.ListMessagesResponse](t)(w.ListMessages(w.as(t, policytest.Dispatcher), &hotlinev1.ListMessagesRequest{Parent: c.name}))
		var authors []string
		for _, m := range all.GetMessages() {
			if m.GetKind() == hotlinev1.Message_INTERNAL_NOTE {
				authors = append(authors, m.GetAuthor().String()+" "+m.GetText())
			}
		}
		if got := strings.Join(authors, ", "); got != "HOLDER 对方律师已介入，措辞谨慎, OFFICE 已提醒" {
			t.Error(got)
		}
	})
}

// Who may write one, who may not, and who is told that there is no such ticket.
func TestWhoNotes(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	filed := w.file(t)
	c := &canaries{name: filed.GetName(), number: filed.GetNumber()}
	w.dispatched(t, c, policytest.Attendant)
	must[*hotlinev1.WorkOrder](t)(w.CreateWorkOrder(w.as(t, policytest.Attendant),
		&hotlinev1.CreateWorkOrderRequest{Parent: c.name, Unit: unit(policytest.Water), Text: "part"}))
	filerAtTheDesk := desktest.Caller(desktest.Filer)
	filerAtTheDesk.Roles = []authn.Grant{desktest.Grant(optionsv1.Role_ROLE_DISPATCHER, "")}
	filerAtTheDesk.Unit = policytest.Desk
	for _, o := range []struct {
		name   string
		caller authn.Caller
		want   string // empty: written
	}{
		{"holder", desktest.Caller(policytest.Attendant), ""},
		{"clerk of a unit with a part", desktest.Caller(policytest.Clerk), ""},
		{"dispatcher", desktest.Caller(policytest.Dispatcher), ""},
		{"supervisor", desktest.Caller(policytest.Supervisor), ""},
		{"office", desktest.Caller(policytest.MayorOffice), ""},
		{"filer", desktest.Caller(desktest.Filer), "ROLE_REQUIRED"},
		{"a dispatcher who filed it", filerAtTheDesk, "NOT_INSIDE"},
		{"leader who only looks", desktest.Caller(policytest.HousingLeader), "NOT_INSIDE"},
		{"auditor", desktest.Caller(policytest.Auditor), "ROLE_REQUIRED"},
		{"another attendant", desktest.Caller(policytest.Attendant2), "TICKET_NOT_FOUND"},
	} {
		_, err := w.CreateInternalNote(w.with(t, o.caller), &hotlinev1.CreateInternalNoteRequest{Parent: c.name, Text: "note by " + o.name})
		if got := toldOf(err).reason; got != o.want {
			t.Errorf("%s: %v, want %q", o.name, err, o.want)
		}
	}
	all := must[*hotlinev1.ListMessagesResponse](t)(w.ListMessages(w.with(t, filerAtTheDesk), &hotlinev1.ListMessagesRequest{Parent: c.name}))
	for _, m := range all.GetMessages() {
		if m.GetKind() == hotlinev1.Message_INTERNAL_NOTE {
			t.Errorf("who filed it reads %q", m.GetText())
		}
	}
}

// The same request writes once, whatever becomes stricter since, and another under its id is refused.
func TestANoteIsWrittenOnce(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.file(t).GetName()
	desk := w.as(t, policytest.Dispatcher)
	in := &hotlinev1.CreateInternalNoteRequest{Parent: name, Text: "一次", RequestId: "r1"}
	first := must[*hotlinev1.Message](t)(w.CreateInternalNote(desk, in))
	if again := must[*hotlinev1.Message](t)(w.CreateInternalNote(desk, in)); !proto.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
	other := &hotlinev1.CreateInternalNoteRequest{Parent: name, Text: "另一次", RequestId: "r1"}
	if _, err := w.CreateInternalNote(desk, other); toldOf(err).reason != "REQUEST_ID_REUSED" {
		t.Error(err)
	}
	method := hotlinev1.TicketService_CreateInternalNote_FullMethodName
	replayed, found, err := w.Service.Replay(authn.WithCaller(t.Context(), desktest.Caller(policytest.Dispatcher)), method, in)
	if err != nil || !found || !proto.Equal(replayed, first) {
		t.Errorf("replayed: %v, %v, %v", replayed, found, err)
	}
}
