package logline

import "time"

// ahead is how far a time may lie ahead of now: zones are named wrongly and clocks differ,
// by less than a day.
const ahead = 24 * time.Hour

// skew is how far a time without a date may lie ahead of now before it is one of yesterday.
const skew = 10 * time.Minute

// stamp is a time as it is written.
type stamp struct {
	year, month, day     int // 0: not written
	hour, minute, second int
	nano, offset         int // of a second; seconds east of UTC
	zoned                bool
	fraction             bool // parts of a second are written
	iso                  bool // a T is between date and time
}

// time is the moment of a stamp; zero where there is none, or none that can be.
func (s *stamp) time(now time.Time, zone *time.Location) time.Time {
	if s.zoned {
		zone = time.UTC
	}
	switch {
	case s.month == 0: // today or yesterday
		y, m, d := now.In(zone).Date()
		t := s.on(y, m, d, zone)
		if t.Sub(now) > skew {
			t = s.on(y, m, d-1, zone)
		}
		return possible(t, now)
	case s.year == 0: // the last one that was, or is about to be
		year := now.In(zone).Year()
		for y := year + 1; y >= year-1; y-- {
			if s.day > days(y, s.month) {
				continue
			}
			if t := s.on(y, time.Month(s.month), s.day, zone); t.Sub(now) <= ahead {
				return possible(t, now)
			}
		}
		return time.Time{}
	case s.day > days(s.year, s.month):
		return time.Time{}
	}
	return possible(s.on(s.year, time.Month(s.month), s.day, zone), now)
}

func (s *stamp) on(y int, m time.Month, d int, zone *time.Location) time.Time {
	return time.Date(y, m, d, s.hour, s.minute, s.second-s.offset, s.nano, zone).UTC()
}

// possible is t where it lies between 1970 and a day after now.
func possible(t, now time.Time) time.Time {
	if t.Unix() < 0 || t.Sub(now) > ahead {
		return time.Time{}
	}
	return t
}

func days(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// read reads a stamp that begins at i and returns where it ends; i where none does.
func (s *stamp) read(b []byte, i int) int {
	if len(b)-i < len("10:46:37") {
		return i
	}
	switch {
	case !digit(b[i]):
		return s.named(b, i)
	case b[i+2] == ':':
		return s.clock(b, i)
	}
	return s.dated(b, i)
}

// dated reads 2026-11-24T10:46:37.123Z and its relatives.
func (s *stamp) dated(b []byte, i int) int {
	if len(b)-i < len("2026-11-24 10:46:37") || b[i+4] != '-' && b[i+4] != '/' && b[i+4] != '.' || b[i+7] != b[i+4] {
		return i
	}
	century, year := two(b, i), two(b, i+2)
	s.month, s.day = two(b, i+5), two(b, i+8)
	if century < 0 || year < 0 || s.month < 1 || s.month > 12 || s.day < 1 || s.day > 31 {
		return i
	}
	s.year = century*100 + year
	at := i + len("2026-11-24")
	switch b[at] {
	case 'T', 't':
		s.iso = true
		at++
	case ' ', '_':
		at++
	case ',': // Airflow
		at = blanks(b, at+1)
	default:
		return i
	}
	end := s.clock(b, at)
	if end == at {
		return i
	}
	return s.region(b, end)
}

// named reads Nov 24 10:46:37, with the day of the week in front or the year behind.
func (s *stamp) named(b []byte, i int) int {
	at := i
	if at+4 < len(b) && weekday(b[at:at+3]) && b[at+3] == ' ' {
		at += 4
	}
	if len(b)-at < len("Nov  4 10:46:37") || b[at+3] != ' ' {
		return i
	}
	if s.month = month(b[at : at+3]); s.month == 0 {
		return i
	}
	day, end := number(b, blanks(b, at+4))
	if day < 1 || day > days(2000, s.month) || end >= len(b) || b[end] != ' ' {
		return i
	}
	s.day = day
	clock := s.clock(b, end+1)
	if clock == end+1 {
		return i
	}
	if y, end := number(b, clock+1); clock < len(b) && b[clock] == ' ' && end == clock+5 && (end == len(b) || !tokenByte(b[end])) {
		s.year = y
		return end
	}
	return clock
}

// clock reads 10:46:37 and the parts of a second behind it.
func (s *stamp) clock(b []byte, i int) int {
	if len(b)-i < len("10:46:37") || b[i+2] != ':' || b[i+5] != ':' {
		return i
	}
	s.hour, s.minute, s.second = two(b, i), two(b, i+3), two(b, i+6)
	if s.hour < 0 || s.hour > 23 || s.minute < 0 || s.minute > 59 || s.second < 0 || s.second > 60 {
		return i
	}
	end := i + len("10:46:37")
	if end+1 < len(b) && (b[end] == '.' || b[end] == ',') && digit(b[end+1]) {
		n, to := number(b, end+1)
		s.fraction = true
		s.nano = n
		for k := to - end - 1; k < 9; k++ {
			s.nano *= 10
		}
		end = to
	}
	if end < len(b) && (digit(b[end]) || letter(b[end]) && b[end] != 'Z' && b[end] != 'z') {
		return i // no clock after all
	}
	return end
}

// region reads Z, +01:00, +0100, +01 and UTC, with or without a blank in front.
func (s *stamp) region(b []byte, i int) int {
	if i < len(b) && (b[i] == 'Z' || b[i] == 'z') {
		s.zoned = true
		return i + 1
	}
	at := i
	if at < len(b) && b[at] == ' ' {
		at++
	}
	end := s.east(b, at, at == i)
	if end == at {
		end = i
	} else if end == len(b) || b[end] != ' ' {
		return end
	} else {
		at = end + 1 // Go writes both: +0000 UTC
	}
	if len(b)-at >= 3 && (string(b[at:at+3]) == "UTC" || string(b[at:at+3]) == "GMT") && (len(b)-at == 3 || !tokenByte(b[at+3])) {
		s.zoned = true
		return at + 3
	}
	return end
}

// east reads a distance from UTC; only right behind the time may it be hours alone.
func (s *stamp) east(b []byte, i int, near bool) int {
	if len(b)-i < 3 || b[i] != '+' && b[i] != '-' {
		return i
	}
	hours, minutes, end := two(b, i+1), 0, i+3
	if end < len(b) && b[end] == ':' {
		end++
	}
	if end+1 < len(b) && digit(b[end]) {
		minutes = two(b, end)
		end += 2
	} else if end != i+3 || !near {
		return i
	}
	if hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || end < len(b) && tokenByte(b[end]) {
		return i
	}
	s.zoned, s.offset = true, hours*3600+minutes*60
	if b[i] == '-' {
		s.offset = -s.offset
	}
	return end
}

// tokenByte reports whether c would make more than a number or a zone of what is before it.
func tokenByte(c byte) bool { return digit(c) || letter(c) || c == '_' || c >= 0x80 }

// two reads two digits; -1 where they are none.
func two(b []byte, i int) int {
	if i+1 >= len(b) || !digit(b[i]) || !digit(b[i+1]) {
		return -1
	}
	return int(b[i]-'0')*10 + int(b[i+1]-'0')
}

func month(b []byte) int {
	switch string(b) {
	case "Jan":
		return 1
	case "Feb":
		return 2
	case "Mar":
		return 3
	case "Apr":
		return 4
	case "May":
		return 5
	case "Jun":
		return 6
	case "Jul":
		return 7
	case "Aug":
		return 8
	case "Sep":
		return 9
	case "Oct":
		return 10
	case "Nov":
		return 11
	case "Dec":
		return 12
	}
	return 0
}

func weekday(b []byte) bool {
	switch string(b) {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// unix reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970:
// which of them, its size says.
func unix(b []byte, now time.Time) time.Time {
	var whole int64
	i := 0
	for ; i < len(b) && digit(b[i]); i++ {
		if i >= 19 {
			return time.Time{}
		}
		whole = whole*10 + int64(b[i]-'0')
	}
	if i < 9 || whole < 0 {
		return time.Time{} // before 1973: a counter
	}
	unit := time.Second
	switch {
	case whole >= 1e17:
		unit = time.Nanosecond
	case whole >= 1e14:
		unit = time.Microsecond
	case whole >= 1e11:
		unit = time.Millisecond
	}
	var parts int64
	if i < len(b) && b[i] == '.' {
		scale := int64(unit)
		for i++; i < len(b) && digit(b[i]); i++ {
			scale /= 10
			parts += scale * int64(b[i]-'0')
		}
	}
	if i < len(b) {
		return time.Time{}
	}
	per := int64(time.Second / unit)
	return possible(time.Unix(whole/per, whole%per*int64(unit)+parts).UTC(), now)
}
