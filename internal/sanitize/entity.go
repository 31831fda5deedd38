package sanitize

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// entityNames are the HTML names of characters in ASCII and Latin-1, each before its character, in lower case like
// the compared texts. The package html knows two thousand more, which nobody uses to escape texts, in 140 kB.
const entityNames = `excl ! quot " num # dollar $ percnt % amp & apos ' lpar ( rpar ) ast * plus + comma , period . ` +
	`sol / colon : semi ; lt < equals = gt > ` +
	"quest ? commat @ lsqb [ lbrack [ bsol \\ rsqb ] rbrack ] hat ^ lowbar _ grave ` lcub { lbrace { vert | verbar | " +
	"rcub } rbrace } nbsp + tab + newline + iexcl ¡ cent ¢ pound £ curren ¤ yen ¥ brvbar ¦ sect § uml ¨ copy © ordf ª " +
	"laquo « not ¬ reg ® macr ¯ deg ° plusmn ± sup2 ² sup3 ³ acute ´ micro µ para ¶ middot · cedil ¸ sup1 ¹ ordm º " +
	"raquo » frac14 ¼ frac12 ½ frac34 ¾ iquest ¿ szlig ß agrave à aacute á acirc â atilde ã auml ä aring å aelig æ " +
	"ccedil ç egrave è eacute é ecirc ê euml ë igrave ì iacute í icirc î iuml ï eth ð ntilde ñ ograve ò oacute ó ocirc " +
	"ô otilde õ ouml ö times × divide ÷ oslash ø ugrave ù uacute ú ucirc û uuml ü yacute ý thorn þ yuml ÿ"

var entities = func() map[string][]byte {
	all, fields := map[string][]byte{}, strings.Fields(entityNames)
	for i := 0; i < len(fields); i += 2 {
		all[fields[i]] = []byte(fields[i+1])
	}
	return all
}()

// longestEntity is the maximum length of a character reference, with room for leading zeros of a number.
const longestEntity = 40

// entity decodes a character reference of HTML in any case.
func entity(text []byte) ([]byte, int) {
	if text[0] != '&' {
		return nil, 0
	}
	length := 1
	for length < min(len(text), longestEntity) && (text[length] == '#' || isASCIILetterOrDigit(text[length])) {
		length++
	}
	what := character(string(bytes.ToLower(text[1:length])))
	switch {
	case what == nil:
		return nil, 0
	case length < len(text) && text[length] == ';':
		length++
	}
	return what, length
}

// character is the character of a reference without its & and ;, or nil.
func character(name string) []byte {
	digits, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		return entities[name]
	}
	base := 10
	if hexadecimal, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hexadecimal, 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil || code > unicode.MaxRune {
		return nil
	}
	return utf8.AppendRune([]byte{}, rune(code))
}
