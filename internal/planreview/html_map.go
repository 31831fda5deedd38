package planreview

import (
	"cmp"
	"fmt"
	"slices"
)

// picture is the map of the moves, in pixels. Data centres are boxes below each other and contain a box for each
// region. Each arrow leaves its region to the right, runs up or down in a lane, and comes back to a row of its own
// at the target region. So labels never overlap each other or an arrow, and the picture is narrow enough for a
// phone.
type picture struct {
	Width, Height int
	Boxes         []pictureBox
	Places        []pictureBox
	Arrows        []pictureArrow
	Trunks        []pictureTrunk
	// Words describes the moves between regions in sentences.
	Words []string
	// Note says what the picture leaves out; empty if nothing.
	Note string
}

type pictureBox struct {
	X, Y, Width, Height int
	// Label is Full, shortened to fit, at TextX and TextY.
	Label, Full  string
	TextX, TextY int
	// Whole means a data centre, Unknown a place that the plan does not know.
	Whole, Unknown bool
}

type pictureArrow struct {
	Shade string
	// Path is the line after the trunk, Head the arrowhead.
	Path, Head string
	// Label stands above the line, Kind below it.
	Label, Full, Kind    string
	TextX, LabelY, KindY int
}

// pictureTrunk is the first part that all arrows from a region share. Its shade is empty if theirs differ.
type pictureTrunk struct {
	Shade string
	X, Y  int
	Path  string
}

// Measures of the picture. Names are in a monospaced font, so that their width is known.
const (
	maxArrows  = 12 // with more arrows between regions, the picture has data centres only
	maxLetters = 22

	letterWidth = 7
	kindWidth   = 142 // of the longest, "live, databases at risk"
	rowOut      = 26
	rowIn       = 36
	boxTitle    = 22
	boxInset    = 9
	placeGap    = 8
	boxGap      = 14
	laneGap     = 13
	bend        = 6
)

// pictureStop is a region, or a data centre as a whole, where arrows start or end.
type pictureStop struct {
	place    Place
	out      []int // indices of the flows that leave
	in       []int
	y        int
	rowY     map[int]int // y of each incoming flow, by its index
	outY     int
	lastLane int
}

func (s *pictureStop) height() int {
	h := len(s.in) * rowIn
	if len(s.out) > 0 {
		h += rowOut
	}
	return h
}

// pictureOf draws moves; nil without any.
func pictureOf(moves []Move) *picture {
	if len(moves) == 0 {
		return nil
	}
	p := &picture{}
	flows := flowsOf(moves, true)
	for i := range flows {
		p.Words = append(p.Words, flows[i].words())
	}
	if len(flows) > maxArrows {
		p.Note = fmt.Sprintf("Drawn between data centres: there are %d different moves between regions.", len(flows))
		flows = flowsOf(moves, false)
	}
	if len(flows) > maxArrows {
		slices.SortStableFunc(flows, func(a, b flow) int { return cmp.Compare(len(b.Moves), len(a.Moves)) })
		left := 0
		for _, f := range flows[maxArrows:] {
			left += len(f.Moves)
		}
		p.Note = fmt.Sprintf("Drawn between data centres, and only the %d largest streams: %s not drawn.", maxArrows,
			otherMoves(left))
		flows = flows[:maxArrows]
	}
	p.draw(flows)
	return p
}

func otherMoves(moves int) string {
	if moves == 1 {
		return "1 other move is"
	}
	return fmt.Sprintf("%d other moves are", moves)
}

// stopsOf returns the ends of flows by data centre and region, unknown ones last.
func stopsOf(flows []flow) []*pictureStop {
	at := map[Place]*pictureStop{}
	var stops []*pictureStop
	find := func(place Place) *pictureStop {
		if at[place] == nil {
			at[place] = &pictureStop{place: place, rowY: map[int]int{}}
			stops = append(stops, at[place])
		}
		return at[place]
	}
	for i := range flows {
		from, to := find(flows[i].From), find(flows[i].To)
		from.out, to.in = append(from.out, i), append(to.in, i)
	}
	unknownLast := func(a, b string) int {
		if (a == "") != (b == "") {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	}
	slices.SortFunc(stops, func(a, b *pictureStop) int {
		return cmp.Or(unknownLast(a.place.Datacenter, b.place.Datacenter), unknownLast(a.place.Region, b.place.Region))
	})
	return stops
}

func (p *picture) draw(flows []flow) {
	stops := stopsOf(flows)
	names := 0
	for _, s := range stops {
		names = max(names, width(short(s.name())))
	}
	right := boxInset + 10 + names + 10 // where the regions' boxes end and the arrows begin
	labels := kindWidth
	for i := range flows {
		labels = max(labels, width(short(flows[i].label())))
	}
	lane0 := right + 16 + labels + 12

	p.Height = p.place(stops, right)
	lanes, number := lanesOf(flows, stops)
	p.Width = lane0 + (number-1)*laneGap + 13
	for i := range p.Boxes {
		p.Boxes[i].Width = p.Width - 1
	}
	for _, s := range stops {
		for _, i := range s.out {
			s.lastLane = max(s.lastLane, lanes[i])
		}
	}
	for _, s := range stops {
		if len(s.out) == 0 {
			continue
		}
		trunk := pictureTrunk{Shade: flows[s.out[0]].Shade, X: right, Y: s.outY}
		for _, i := range s.out {
			if flows[i].Shade != trunk.Shade {
				trunk.Shade = ""
			}
		}
		trunk.Path = fmt.Sprintf("M%d %dH%d", right, s.outY, lane0+s.lastLane*laneGap-bend)
		p.Trunks = append(p.Trunks, trunk)
	}
	ends := endsOf(flows, stops)
	for i := range flows {
		from, to := ends[i][0], ends[i][1]
		x, y := lane0+lanes[i]*laneGap, to.rowY[i]
		turn := bend
		if y < from.outY {
			turn = -bend
		}
		p.Arrows = append(p.Arrows, pictureArrow{
			Shade: flows[i].Shade,
			Path: fmt.Sprintf("M%d %dQ%d %d %d %dV%dQ%d %d %d %dH%d", x-bend, from.outY, x, from.outY, x, from.outY+turn,
				y-turn, x, y, x-bend, y, right+9),
			Head:  fmt.Sprintf("M%d %dl9 -4.5v9z", right+2, y),
			Label: short(flows[i].label()), Full: flows[i].label(), Kind: flows[i].Kind,
			TextX: right + 16, LabelY: y - 5, KindY: y + 13,
		})
	}
}

// place stacks stops in the boxes of their data centres, and returns the height of the picture.
func (p *picture) place(stops []*pictureStop, right int) (height int) {
	y := 1
	for i := 0; i < len(stops); {
		datacenter := stops[i].place.Datacenter
		last := i
		for last < len(stops) && stops[last].place.Datacenter == datacenter {
			last++
		}
		top := y
		boxed := last-i > 1 || stops[i].place.Region != ""
		if boxed {
			y += boxTitle
		}
		for _, s := range stops[i:last] {
			y = s.layOut(y)
			p.Places = append(p.Places, pictureBox{
				X: boxInset, Y: s.y, Width: right - boxInset, Height: s.height(), Label: short(s.name()), Full: s.name(),
				TextX: boxInset + 10, TextY: s.textY(), Whole: !boxed, Unknown: s.place.Region == "" && (boxed || datacenter == ""),
			})
			y += placeGap
		}
		if boxed {
			title := cmp.Or(datacenter, "data centre not known")
			p.Boxes = append(p.Boxes, pictureBox{
				Y: top, Height: y - top, Label: short(title), Full: title, TextX: boxInset, TextY: top + 16,
				Unknown: datacenter == "",
			})
		}
		y += boxGap
		i = last
	}
	return y - boxGap + 1
}

// layOut sets the position of a stop and of the ends of its arrows, and returns where the stop ends.
func (s *pictureStop) layOut(y int) int {
	s.y = y
	if len(s.out) > 0 {
		s.outY = y + rowOut/2
		y += rowOut
	}
	for _, i := range s.in {
		s.rowY[i] = y + rowIn/2
		y += rowIn
	}
	return y
}

func (s *pictureStop) textY() int {
	if len(s.out) > 0 {
		return s.outY + 4
	}
	return s.y + rowIn/2 + 4
}

func (s *pictureStop) name() string {
	switch {
	case s.place.Region != "":
		return s.place.Region
	case s.place.Datacenter != "":
		return s.place.Datacenter
	}
	return "not known yet"
}

// endsOf returns the two ends of each flow.
func endsOf(flows []flow, stops []*pictureStop) [][2]*pictureStop {
	ends := make([][2]*pictureStop, len(flows))
	for _, s := range stops {
		for _, i := range s.out {
			ends[i][0] = s
		}
		for _, i := range s.in {
			ends[i][1] = s
		}
	}
	return ends
}

// lanesOf gives each flow a lane without overlaps, short flows on the inside, and returns the number of lanes.
func lanesOf(flows []flow, stops []*pictureStop) (lanes []int, number int) {
	type span struct{ flow, top, bottom int }
	var spans []span
	for i, end := range endsOf(flows, stops) {
		a, b := end[0].outY, end[1].rowY[i]
		spans = append(spans, span{i, min(a, b), max(a, b)})
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.bottom-a.top, b.bottom-b.top) })
	lanes = make([]int, len(flows))
	var taken [][]span
	for _, s := range spans {
		n := slices.IndexFunc(taken, func(lane []span) bool {
			return !slices.ContainsFunc(lane, func(o span) bool { return s.top <= o.bottom+2*bend && o.top <= s.bottom+2*bend })
		})
		if n < 0 {
			n = len(taken)
			taken = append(taken, nil)
		}
		taken[n] = append(taken[n], s)
		lanes[s.flow] = n
	}
	return lanes, len(taken)
}

// short cuts the middle of a name that is too long for the picture, because names mostly differ at their ends.
func short(name string) string {
	letters := []rune(name)
	if len(letters) <= maxLetters {
		return name
	}
	return string(letters[:maxLetters/2]) + "…" + string(letters[len(letters)-maxLetters/2+1:])
}

// width estimates the width of a name.
func width(name string) int {
	total := 0
	for _, letter := range name {
		total += letterWidth
		if letter >= 0x1100 { // from here on, many scripts have letters twice as wide
			total += letterWidth
		}
	}
	return total
}
