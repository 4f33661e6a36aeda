package spelling

import "strings"

// kana is the table of katakana; hiragana are moved there first.
var kana = letterTable("アイウエオカキクケコガギグゲゴサシスセソザジズゼゾタチツテトダヂヅデドナニヌネノハヒフヘホバビブベボパピプペポマミムメモヤユヨラリルレロワヰヱヲンヴッーァィゥェォャュョヮ",
	"a i u e o ka ki ku ke ko ga gi gu ge go sa shi su se so za ji zu ze zo ta chi tsu te to da ji zu de do na ni nu ne no ha hi fu he ho ba bi bu be bo pa pi pu pe po ma mi mu me mo ya yu yo ra ri ru re ro wa i e o n v - - a i u e o ya yu yo wa")

// kanaText writes kana by the sound. The second reading takes the long a for
// the -ar and -er of foreign names, the third the long o for -or, too.
func kanaText(run []rune, way reading) string {
	var b []byte
	for _, r := range run {
		if r >= 0x3041 && r <= 0x3096 {
			r += 0x60
		}
		s := kana[r]
		if r == 'ー' && len(b) > 0 && way.number > 0 && (b[len(b)-1] == 'a' || b[len(b)-1] == 'o' && way.number > 1) {
			s = "r"
		}
		// A small vowel replaces the vowel before it: ファ fa, ジェ je, シャ sha.
		if strings.ContainsRune("ァィゥェォャュョ", r) && len(b) > 0 {
			if len(b) == 1 && b[0] == 'u' || len(b) > 1 && b[len(b)-1] == 'u' && strings.IndexByte("aeiou", b[len(b)-2]) >= 0 {
				b[len(b)-1] = 'w' // ウォ wo
			}
			if c := b[len(b)-1]; strings.IndexByte("aiueo", c) >= 0 {
				b = b[:len(b)-1]
			}
			if s[0] == 'y' && len(b) > 0 && strings.IndexByte("hj", b[len(b)-1]) >= 0 {
				s = s[1:]
			}
		}
		b = append(b, s...)
	}
	return string(b)
}
