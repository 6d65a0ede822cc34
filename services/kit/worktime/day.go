package worktime

// DayKind says what a civil day is: Working, MakeUp, Weekend or Holiday.
func (c *Calendar) DayKind(d Date) Reason {
	p := c.at(d.Start())
	return reasonOf(c.year(p.year).days[p.day].kind)
}

// Days returns every day of a year, in order.
func Days(year int) []Date {
	days := make([]Date, 0, 366)
	for t := (Date{year, 1, 1}).Start(); t.Year() == year; t = t.AddDate(0, 0, 1) {
		days = append(days, DateOf(t))
	}
	return days
}
