package catalogue

import (
	"slices"
	"strconv"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ErrAnswers refuses answers of a questionnaire that the city does not offer; its fields say which.
var ErrAnswers = fault.New(fault.Invalid, "ANSWERS_INVALID",
	"项目问卷有误，请按标出的字段修改后重新提交。",
	"The project's questionnaire is not right. Correct the fields that are marked and send it again.")

// CheckAnswers reports every answer that is none of the city's choices, is missing or cannot be.
func (c *City) CheckAnswers(a Answers) error {
	err := ErrAnswers
	blame := func(field, reason, zh, en string) { err = err.Field("answers."+field, reason, zh, en) }
	for _, q := range []struct{ question, answer string }{{QuestionType, a.Type}, {QuestionLand, a.Land}, {QuestionInvestor, a.Investor}} {
		switch offered := c.codes(q.question); {
		case q.answer == "" && len(offered) > 0:
			blame(q.question, "answer.missing", "须选择一项", "one of the choices is wanted")
		case q.answer != "" && !slices.Contains(offered, q.answer):
			blame(q.question, "answer.unknown", "不在可选项中", "is none of the choices")
		}
	}
	for _, q := range []struct {
		question, field string
		answers         []string
	}{{QuestionHazard, "hazards", a.Hazards}, {QuestionUtility, "utilities", a.Utilities}} {
		offered := c.codes(q.question)
		for i, answer := range q.answers {
			field := q.field + "[" + strconv.Itoa(i) + "]"
			switch {
			case !slices.Contains(offered, answer):
				blame(field, "answer.unknown", "不在可选项中", "is none of the choices")
			case slices.Contains(q.answers[:i], answer):
				blame(field, "answer.twice", "重复选择", "is chosen twice")
			}
		}
	}
	if a.Investment < 0 {
		blame("investmentFen", "answer.negative", "不能为负数", "must not be negative")
	}
	if a.FloorArea < 0 {
		blame("floorArea", "answer.negative", "不能为负数", "must not be negative")
	}
	if len(err.Violations) == 0 {
		return nil
	}
	return err
}

func (c *City) codes(question string) []string {
	var codes []string
	for _, choice := range c.Choices(question) {
		codes = append(codes, choice.Code)
	}
	return codes
}

// Select returns the items that a project needs, in the order of the catalogue.
func (c *City) Select(a Answers) []Item {
	var items []Item
	for _, item := range c.config.Items {
		if item.When.Holds(a) {
			items = append(items, item)
		}
	}
	return items
}

// Holds reports whether a project is one of those that the condition means.
func (w Condition) Holds(a Answers) bool {
	return anyOf(w.Types, a.Type) && anyOf(w.Lands, a.Land) && anyOf(w.Investors, a.Investor) &&
		anyOf(w.Hazards, a.Hazards...) && anyOf(w.Utilities, a.Utilities...) &&
		within(a.Investment, w.MinInvestment, w.BelowInvestment) && within(a.FloorArea, w.MinFloorArea, w.BelowFloorArea)
}

// anyOf reports whether one of the answers is wanted; an empty list wants nothing.
func anyOf(wanted []string, answers ...string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(answers, func(a string) bool { return slices.Contains(wanted, a) })
}

// within takes a bound of 0 for none.
func within[N int | int64](n, least, below N) bool { return n >= least && (below == 0 || n < below) }
