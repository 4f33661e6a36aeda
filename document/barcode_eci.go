package document

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// eciText reads the bytes of a code in the protocol of extended channel
// interpretations (AIM ITS/04-023): a symbology identifier of three bytes,
// then text in which \NNNNNN changes the character set and \\ is a backslash.
// It says whether the code names a set, and knows all of them; otherwise the
// plain bytes are to be read.
func eciText(raw []byte) (string, bool) {
	if len(raw) < 3 || raw[0] != ']' {
		return "", false
	}
	raw = raw[3:]
	var out strings.Builder
	var part []byte
	var set encoding.Encoding = charmap.ISO8859_1
	told := false
	flush := func() bool {
		text, err := set.NewDecoder().Bytes(part)
		out.Write(text)
		part = part[:0]
		return err == nil
	}
	for len(raw) > 0 {
		switch {
		case raw[0] != '\\':
			end := bytes.IndexByte(raw, '\\')
			if end < 0 {
				end = len(raw)
			}
			part, raw = append(part, raw[:end]...), raw[end:]
		case len(raw) > 1 && raw[1] == '\\':
			part, raw = append(part, '\\'), raw[2:]
		case len(raw) >= 7:
			number, err := strconv.Atoi(string(raw[1:7]))
			next := eciSet(number)
			if err != nil || next == nil || !flush() {
				return "", false
			}
			set, told, raw = next, true, raw[7:]
		default:
			return "", false
		}
	}
	known := flush() && told
	return out.String(), known
}

// eciSet gives the character set of an assignment number, nil for those not
// known here.
func eciSet(number int) encoding.Encoding {
	switch number {
	case 0, 2:
		return charmap.CodePage437
	case 1, 3:
		return charmap.ISO8859_1
	case 20:
		return japanese.ShiftJIS
	case 21:
		return charmap.Windows1250
	case 22:
		return charmap.Windows1251
	case 23:
		return charmap.Windows1252
	case 24:
		return charmap.Windows1256
	case 25:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case 26:
		return unicode.UTF8
	case 27, 170:
		return charmap.Windows1252 // US-ASCII within it
	case 28:
		return traditionalchinese.Big5
	case 29:
		return simplifiedchinese.GBK // GB 2312 within it
	case 30:
		return korean.EUCKR
	case 32:
		return simplifiedchinese.GB18030
	}
	latin := map[int]encoding.Encoding{4: charmap.ISO8859_2, 5: charmap.ISO8859_3, 6: charmap.ISO8859_4, 7: charmap.ISO8859_5, 8: charmap.ISO8859_6,
		9: charmap.ISO8859_7, 10: charmap.ISO8859_8, 11: charmap.ISO8859_9, 12: charmap.ISO8859_10, 13: charmap.Windows874, 15: charmap.ISO8859_13,
		16: charmap.ISO8859_14, 17: charmap.ISO8859_15, 18: charmap.ISO8859_16}
	if set, ok := latin[number]; ok {
		return set
	}
	return nil
}
