package spelling

import "strings"

// Korean is read in two ways. The first is how its bearers spell names, with
// the vowels of McCune and Reischauer, which lists mostly have; the second is
// the Revised Romanisation. Foreign names in Hangul are written by the sound.

var (
	hangulLead  = strings.Fields("g k n d t r m b p s s - j j ch k t p h")
	hangulVowel = strings.Fields("a e ya ye o e yo ye o wa we oe yo u wo we wi yu - ui i")
	hangulTail  = strings.Fields("- k k k n n n t l k m l l l p l m p p t t ng t t k t p -")
	// hangulRevised are the vowels of the Revised Romanisation.
	hangulRevised = strings.Fields("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
	// hangulFamily are common one-syllable family names with the spelling
	// their bearers use.
	hangulFamily = map[rune]string{'김': "kim", '이': "lee", '리': "ri", '박': "park", '최': "choi", '정': "jung", '강': "kang", '조': "cho", '윤': "yoon", '장': "jang", '임': "lim", '림': "rim",
		'한': "han", '오': "oh", '서': "seo", '신': "shin", '권': "kwon", '황': "hwang", '안': "ahn", '송': "song", '류': "ryu", '홍': "hong", '전': "jon", '고': "ko", '문': "moon", '양': "yang", '손': "son", '배': "bae", '백': "paek", '허': "ho", '남': "nam", '심': "shim", '노': "noh", '로': "ro", '하': "ha", '곽': "kwak", '성': "song", '차': "cha", '주': "ju", '우': "woo", '구': "koo", '민': "min", '유': "yoo", '나': "na", '진': "jin", '지': "ji", '엄': "om", '채': "chae", '원': "won", '천': "chon", '방': "pang", '공': "kong", '현': "hyon", '함': "ham", '변': "pyon", '염': "yom", '여': "yo", '추': "chu", '도': "do", '석': "sok", '선': "son", '태': "thae", '연': "yon", '길': "kil"}
	// hangulRevisedFamily are those that the Revised Romanisation and other
	// habits write in another way.
	hangulRevisedFamily = pairTable("김 gim 이 yi 리 lee 박 bak 최 choe 정 jeong 강 gang 조 jo 윤 yun 장 chang 임 im 림 lim 오 o 서 suh 신 sin 권 gwon 황 whang 안 an 류 yoo 홍 hong 전 jeon 고 go 문 mun 손 sohn 배 bae 백 baek 허 heo 남 nam 심 sim 노 no 로 roh 곽 gwak 성 sung 우 u 구 gu 유 yu 나 na 진 chin 엄 eom 천 cheon 방 bang 공 gong 현 hyun 변 byun 염 yeom 여 yeo 석 seok 태 tae 연 yeon 길 gil 계 gye 국 guk 맹 maeng 명 myung 모 mo 목 mok 반 ban 봉 bong 부 bu 사 sa 설 seol 소 so 송 song 순 soon 어 eo 옥 ok 용 yong 위 wi 육 yuk 은 eun 음 eum 인 in 제 je 탁 tak 편 pyun 표 pyo 피 pi 형 hyung 호 ho")
	// hangulDouble are family names of two syllables.
	hangulDouble = pairNames("남궁 namgung|황보 hwangbo|제갈 jegal|사공 sagong|선우 sunwoo|서문 seomun|독고 dokgo|동방 dongbang")
)

// hangulTokens spells by rule; the filler vowel of foreign names is left out.
// A name in one word that begins with a family name is split.
func hangulTokens(run []rune, way reading) []Token {
	if run = withoutHangulForm(run); len(run) == 0 {
		return []Token{{Text: "co", Kind: KindLegal}}
	}
	if way.words == 1 && len(run) == 4 {
		if family, ok := hangulDouble[string(run[:2])]; ok {
			return []Token{{Text: family, Loose: true}, {Text: hangulText(run[2:], way), Loose: true}}
		}
	}
	if way.words == 1 && len(run) == 3 {
		family, ok := hangulFamily[run[0]]
		if revised, also := hangulRevisedFamily[run[0]]; also && (way.number > 0 || !ok) {
			family, ok = revised, true
		}
		if ok {
			return []Token{{Text: family, Loose: true}, {Text: hangulText(run[1:], way), Loose: true}}
		}
	}
	return []Token{{Text: hangulText(run, way), Loose: true}}
}

// withoutHangulForm leaves out the word for a stock company before or behind a
// name, which is often written together with it.
func withoutHangulForm(run []rune) []rune {
	const form = "주식회사"
	return []rune(strings.TrimPrefix(strings.TrimSuffix(string(run), form), form))
}

func hangulText(run []rune, way reading) string {
	var b strings.Builder
	for i, r := range run {
		n := int(r) - 0xac00
		if n < 0 || n >= 11172 {
			continue
		}
		lead, vowel := hangulLead[n/588], hangulVowel[n%588/28]
		if way.number > 0 && way.words == 1 {
			vowel = hangulRevised[n%588/28]
		}
		if lead == "-" && vowel == "-" { // the filler vowel alone is a syllable: 은 un
			vowel = "u"
		}
		// Between vowels the doubled l of foreign names is one l: 말라 mala.
		tail := hangulTail[n%28]
		if tail == "l" && i+1 < len(run) && (int(run[i+1])-0xac00)/588 == 5 {
			tail = "-"
		}
		for _, p := range []string{lead, vowel, tail} {
			if p != "-" {
				b.WriteString(p)
			}
		}
	}
	return b.String()
}
