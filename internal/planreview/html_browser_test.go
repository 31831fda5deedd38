package planreview

import (
	"bytes"
	"fmt"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everyReview returns reviews of every size and kind, by name; some are of recorded plans.
func everyReview(t *testing.T) map[string]*Review {
	t.Helper()
	all := map[string]*Review{
		"filled": filled(), "one": oneMove(), "five": fiveMoves(), "many": manyMoves(26), "nothing": nothing(),
		"failed": failed(), "hostile": hostile(),
	}
	for _, name := range []string{"references", "modules", "errored", "dependents", "triggers", "topology",
		"live-database", "node-type-moves", "renamed"} {
		all["recorded-"+name] = reviewOf(t, name)
	}
	return all
}

// reviewOf reviews a recorded plan with a typical gate.
func reviewOf(t *testing.T, name string) *Review {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "plans", "terraform-1.11", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plan, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return New(plan, Gate{Deny: []Kind{KindOffline, KindIPChange, KindLiveDatabase}})
}

func page(t *testing.T, r *Review) []byte {
	t.Helper()
	var page bytes.Buffer
	if err := HTML(&page, r); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

// checks are functions that return what is wrong with the visible page.
const checks = `
const describe = e => e.tagName + ' "' + e.textContent.slice(0, 40) + '"';
const numbers = color => color.match(/[\d.]+/g).map(Number);
const luminance = color => {
	const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	const [r, g, b] = numbers(color).slice(0, 3).map(v => linear(v / 255));
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
	const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
	return (light + 0.05) / (dark + 0.05);
};
const behind = e => {
	for (; e; e = e.parentElement) {
		const box = e.tagName === 'g' && e.querySelector('rect.place');
		const color = box ? getComputedStyle(box).fill : getComputedStyle(e).backgroundColor;
		if (numbers(color)[3] !== 0) return color;
	}
	return 'rgb(255, 255, 255)';
};

// Nothing sticks out of the page, and no word out of its cell.
function tooWide() {
	const wrong = [];
	const width = document.documentElement.scrollWidth;
	if (width > innerWidth) wrong.push('the page scrolls sideways: ' + width);
	for (const e of document.querySelectorAll('main *, footer *')) {
		if (e.closest('thead, .unseen') && innerWidth <= 1152) continue;
		const at = e.getBoundingClientRect();
		if (at.right > innerWidth + 0.5 || at.left < -0.5) wrong.push(describe(e) + ' ends at ' + at.right);
		const text = document.createRange();
		text.selectNodeContents(e);
		const inside = at.right - parseFloat(getComputedStyle(e).paddingRight);
		if (/^T[HD]$/.test(e.tagName) && text.getBoundingClientRect().right > inside + 1) {
			wrong.push(describe(e) + ' does not fit');
		}
	}
	return wrong.slice(0, 5);
}

// No word of the table breaks in its middle: each run of letters and digits is in one line.
function broken() {
	const wrong = [];
	for (const cell of document.querySelectorAll('[role=cell], [role=rowheader], [role=columnheader]')) {
		if (!cell.getBoundingClientRect().height) continue;
		const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
		while (walker.nextNode()) {
			for (const word of walker.currentNode.data.matchAll(/[\p{L}\p{N}]{2,20}/gu)) {
				const range = document.createRange();
				range.setStart(walker.currentNode, word.index);
				range.setEnd(walker.currentNode, word.index + word[0].length);
				const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
				if (lines.size > 1) wrong.push(word[0] + ' in ' + describe(cell));
			}
		}
	}
	return wrong.slice(0, 5);
}

// Text is big enough and differs enough from what is behind it (WCAG 2, level AA).
function illegible() {
	const wrong = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || e.closest('title, desc')) continue;
		const style = getComputedStyle(e), picture = e.closest('svg');
		const ratio = contrast(picture ? style.fill : style.color, behind(e));
		if (!(ratio >= 4.5)) wrong.push(describe(e) + ' has contrast ' + ratio);
		const scale = picture ? picture.getBoundingClientRect().width / picture.viewBox.baseVal.width : 1;
		const size = parseFloat(style.fontSize) * scale;
		const least = picture ? 9.5 : matchMedia('print').matches ? 9 : 12;
		if (size < least) wrong.push(describe(e) + ' has ' + size + ' pixels');
	}
	return wrong.slice(0, 5);
}

// No text of the picture meets another, a lane of arrows or the picture's edge, or leaves its box.
function tangled() {
	const picture = document.querySelector('svg');
	if (!picture) return [];
	const wrong = [], texts = [...picture.querySelectorAll('text')].map(e => [e, e.getBBox()]);
	const lanes = Math.min(...[...picture.querySelectorAll('.gap')].map(e => e.getPointAtLength(0).x));
	for (const [e, a] of texts) {
		const place = e.parentElement.querySelector('rect.place');
		const box = place?.getBBox(), edge = picture.viewBox.baseVal;
		const limit = box ? box.x + box.width : e.matches('.site-name') ? edge.width : lanes;
		if (a.x + a.width > limit || a.y < 0 || a.y + a.height > edge.height) wrong.push(describe(e) + ' sticks out');
		for (const [o, b] of texts) {
			const apart = a.x >= b.x + b.width || b.x >= a.x + a.width || a.y + 2 >= b.y + b.height || b.y + 2 >= a.y + a.height;
			if (e !== o && !apart) wrong.push(describe(e) + ' meets ' + describe(o));
		}
	}
	return wrong.slice(0, 5);
}

function hidden() {
	const shown = e => e.lastElementChild.getBoundingClientRect().height > 0;
	return [...document.querySelectorAll('details')].filter(e => !shown(e)).map(describe).slice(0, 5);
}

function opened(hash) {
	location.hash = hash;
	const at = document.querySelector(hash).getBoundingClientRect();
	return at.height > 0 && at.top >= 0 && at.top < innerHeight ? [] : [hash + ' is at ' + at.top];
}

function attacked() {
	const wrong = [];
	if (window.pwned !== undefined) wrong.push('a script ran');
	if (document.querySelector('script, img, style ~ style') !== null) wrong.push('an element was smuggled in');
	return wrong;
}
`

// TestHTMLInBrowser needs Chromium. It saves screenshots to the folder in PLANREVIEW_SCREENSHOTS.
func TestHTMLInBrowser(t *testing.T) {
	b := startBrowser(t)
	t.Run("thousand", func(t *testing.T) { testThousandInBrowser(t, b.in(t)) })
	t.Run("colours", func(t *testing.T) { testColours(t, b.in(t)) })

	screens := []screen{
		{name: "desktop-light", width: 1280, height: 800, scheme: "light"},
		{name: "desktop-dark", width: 1280, height: 800, scheme: "dark"},
		{name: "laptop", width: 1200, height: 800, scheme: "light"},
		{name: "small-desktop", width: 1153, height: 700, scheme: "light"},
		{name: "tablet", width: 768, height: 1024, scheme: "light"},
		{name: "phone-light", width: 360, height: 640, scheme: "light"},
		{name: "phone-dark", width: 360, height: 640, scheme: "dark"},
		{name: "print", width: 1000, height: 700, scheme: "dark", print: true},
	}
	reviews := everyReview(t)
	for _, name := range slices.Sorted(maps.Keys(reviews)) {
		page := page(t, reviews[name])
		for _, s := range screens {
			if name != "filled" && name != "five" && s.name != "desktop-light" && s.name != "phone-dark" && !s.print {
				continue // would show nothing new
			}
			t.Run(name+"/"+s.name, func(t *testing.T) {
				b := b.in(t)
				b.open(page, s)
				check := func(call string) {
					t.Helper()
					var wrong []string
					b.evaluate("(() => {"+checks+"return "+call+"})()", &wrong)
					if len(wrong) > 0 {
						t.Errorf("%s: %s", call, strings.Join(wrong, "\n"))
					}
				}
				check("attacked()")
				check("tangled()")
				check("illegible()")
				if s.print {
					check("hidden()")
				}
				if keepScreenshots() {
					keepScreenshot(t, name+"-"+s.name+".png", b.picture(s))
				}
				check("tooWide()")
				if name != "hostile" {
					check("broken()")
				}
				if !s.print && (name == "filled" || name == "many") {
					check("opened('#m2')")
				}
				b.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })", nil)
				check("tooWide()")
				if name != "hostile" {
					var bottom float64
					b.evaluate("document.querySelector('h1').getBoundingClientRect().bottom + scrollY", &bottom)
					if bottom > float64(s.height)/2 {
						t.Errorf("verdict and headline end at %v pixels", bottom)
					}
				}
			})
		}
	}
}

func testThousandInBrowser(t *testing.T, b *browser) {
	review := page(t, manyMoves(1000))
	for _, s := range []screen{{name: "desktop", width: 1280, height: 800, scheme: "light"},
		{name: "phone", width: 360, height: 640, scheme: "light"}} {
		b.open(review, s)
		keepScreenshot(t, "thousand-"+s.name+".png", b.picture(s))
		var wrong []string
		b.evaluate("(() => {"+checks+"return [...tangled(), ...opened('#m500')]})()", &wrong)
		var width int
		b.evaluate("document.documentElement.scrollWidth", &width)
		if len(wrong) > 0 || width > s.width {
			t.Errorf("%s: %d pixels wide; %s", s.name, width, strings.Join(wrong, "\n"))
		}
	}
	b.open(review, screen{name: "print", width: 1000, height: 700, scheme: "light", print: true})
	var rows, details, notes int
	const seen = `].filter(e => e.getBoundingClientRect().height > 0).length`
	b.evaluate("[...document.querySelectorAll('[role=rowheader]')"+seen, &rows)
	b.evaluate("[...document.querySelectorAll('.move')"+seen, &details)
	b.evaluate("[...document.querySelectorAll('.on-paper')"+seen, &notes)
	if rows != 1000 || details != 0 || notes != 1 {
		t.Errorf("in print there are %d moves, the details of %d, and %d notes of that", rows, details, notes)
	}
}

// testColours checks the first pixel: the page follows the reader's colour scheme, and prints on white.
func testColours(t *testing.T, b *browser) {
	review := page(t, filled())
	for _, s := range []screen{
		{name: "light", width: 360, height: 640, scheme: "light"},
		{name: "dark", width: 360, height: 640, scheme: "dark"},
		{name: "print", width: 1000, height: 700, scheme: "dark", print: true},
	} {
		b.open(review, s)
		picture, err := png.Decode(bytes.NewReader(b.picture(s)))
		if err != nil {
			t.Fatal(err)
		}
		red, green, blue, _ := picture.At(0, 0).RGBA()
		if dark := red+green+blue < 0x6000; dark != (s.name == "dark") {
			t.Errorf("%s: the page has the colour %x %x %x", s.name, red, green, blue)
		}
		if s.print {
			pdf := b.pdf()
			keepScreenshot(t, "filled.pdf", pdf)
			if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/MediaBox [0 0 792 612]")) {
				t.Errorf("the print is no PDF in landscape: %.200s", fmt.Sprintf("%q", pdf))
			}
		}
	}
}
