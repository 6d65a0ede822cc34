package ticket

// IssueLinked makes a ticket part of a common issue.
type IssueLinked struct{ Issue string }

// IssueUnlinked takes a ticket out of a common issue.
type IssueUnlinked struct{ Issue string }

// Type returns "issue_linked".
func (IssueLinked) Type() string { return "issue_linked" }

// Type returns "issue_unlinked".
func (IssueUnlinked) Type() string { return "issue_unlinked" }

// LinkIssue makes the ticket part of a common issue, in any state and of one at most. Whether the actor may, and whether the issue takes
// tickets, is the issue's to say; nothing that anybody owes hangs on it. Being part of it already changes nothing.
func (t *Ticket) LinkIssue(c Context, issue string) ([]Event, error) {
	d, err := t.enter(VerbLink, c)
	if err != nil {
		return nil, err
	}
	switch d.t.Issue {
	case issue:
		return nil, nil
	case "":
	default:
		return nil, ErrInIssue
	}
	d.emit(IssueLinked{issue})
	return d.finish()
}

// UnlinkIssue takes the ticket out of a common issue. Not being part of it changes nothing.
func (t *Ticket) UnlinkIssue(c Context, issue string) ([]Event, error) {
	d, err := t.enter(VerbUnlink, c)
	if err != nil || issue == "" || d.t.Issue != issue {
		return nil, err
	}
	d.emit(IssueUnlinked{issue})
	return d.finish()
}
