package spelling

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
	"github.com/mozillazg/go-unidecode"
)

// Names in Chinese characters are of two sorts. Chinese persons have a family
// name of one character (seldom two) and a given name of one or two; foreign
// ones are written by the sound, one character for a syllable, usually with a
// dot between the words. Taken for the wrong sort, a name cannot be found, so
// that a name which may be either is read as both.

// hanTokens reads one run of characters.
func hanTokens(run []rune, way reading) []Token {
	family := hanFamily(run)
	chinese := family > 0 && family < len(run) && len(run)-family <= 2
	switch {
	case way.dotted:
		return hanForeign(run)
	case chinese && way.number == 1:
		return []Token{{Text: wadeGilesOf(run[:family]), Loose: true, Firm: true}, {Text: wadeGilesOf(run[family:]), Loose: true, Firm: true}}
	case chinese && way.number == 2:
		return []Token{{Text: hanFamilies[string(run[:family])][0], Loose: true, Firm: true}, {Text: pinyinRun(run[family:]), Loose: true, Firm: true}}
	case way.number > 0 && len(run) > 2:
		return hanForeign(run)
	}
	if family == 0 && (len(run) == 2 || len(run) == 3) {
		family = 1
	}
	if family > 0 && family < len(run) && len(run)-family <= 2 {
		return []Token{{Text: pinyinRun(run[:family]), Loose: true, Firm: true}, {Text: pinyinRun(run[family:]), Loose: true, Firm: true}}
	}
	return []Token{{Text: pinyinRun(run), Loose: true, Firm: true}}
}

func pinyinRun(run []rune) string {
	var b strings.Builder
	for _, r := range run {
		b.WriteString(pinyinOf(r))
	}
	return b.String()
}

func pinyinOf(r rune) string {
	if py := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(py) > 0 {
		return lettersOnly(py[0])
	}
	return lettersOnly(unidecode.Unidecode(string(r)))
}

// hanFamilies are common family names with the spellings that their bearers
// use outside the mainland (Hong Kong and South-East Asia), the commonest
// first. Simplified and traditional characters stand beside each other.
var hanFamilies = familyRows(`王 wong ong|李 lee|张張 cheung chang teo|刘劉 lau liu low|陈陳 chan tan chen|杨楊 yeung young yeo|黄黃 wong ng huang|赵趙 chiu chao|吴吳 ng wu goh|周 chow chou chew|徐 tsui hsu|孙孫 suen sun|马馬 ma|朱 chu|胡 wu hu|郭 kwok kuo quek|何 ho|林 lam lim|高 ko kao|罗羅 law lo loh|郑鄭 cheng tay|梁 leung liang neo|谢謝 tse hsieh chia|宋 sung|唐 tong tang|许許 hui hsu koh|邓鄧 tang teng|冯馮 fung feng|韩韓 hon han|曹 tso tsao|曾 tsang tseng chan|彭 pang peng|萧蕭肖 siu hsiao|蔡 choi tsai chua|潘 poon pan phua|田 tin tien|董 tung|袁 yuen yuan|于 yu|余 yu yee|叶葉 yip yeh yap|蒋蔣 chiang|杜 to tu|苏蘇 so su soh|魏 ngai wei|程 ching cheng|吕呂 lui lu|丁 ting|沈 shum shen sim|任 yam jen|姚 yiu yao|卢盧 lo lu|傅 fu|钟鍾鐘 chung|姜 keung chiang|崔 chui tsui|谭譚 tam tan|廖 liu liao|范 fan|汪 wong wang|陆陸 luk lu|金 kam chin|石 shek shih|戴 tai|贾賈 ka chia|韦韋 wai wei|夏 ha hsia|邱 yau chiu|方 fong fang|侯 hau hou|邹鄒 chau tsou|熊 hung hsiung|孟 mang meng|秦 chun chin|白 pak pai|江 kong chiang|阎閻 yim yen|薛 sit hsueh|尹 wan yin|段 tuen tuan|雷 lui lei|黎 lai li|史 sze shih|龙龍 lung|陶 to tao|贺賀 ho|顾顧 koo ku|毛 mo mao|郝 kok hao|龚龔 kung|邵 siu shao|万萬 man wan|钱錢 chin chien|严嚴 yim yen|覃 tam chin|武 mo wu|戚 chik chi|莫 mok mo|孔 hung kung|向 heung hsiang|汤湯 tong tang|习習 chap hsi|温溫 wan wen|康 hong kang|施 sze shih|文 man wen|牛 ngau niu|樊 fan|葛 kot ko|邢 ying hsing|安 on an|齐齊 chai chi|易 yik i|乔喬 kiu chiao|伍 ng wu|庞龐 pong pang|颜顏 ngan yen gan|倪 ngai ni|庄莊 chong chuang|聂聶 nip nieh|章 cheung chang|鲁魯 lo lu|岳 ngok yueh|翟 chak chai|申 san shen|欧歐 au ou|耿 kang keng|关關 kwan kuan|兰蘭 lan|焦 chiu chiao|俞 yu|左 tso|柳 lau liu|甘 kam kan|祝 chuk chu|包 pau pao|宁寧 ning|尚 sheung shang|符 fu|舒 shu|阮 yuen juan|柯 or ko kua|纪紀 kei chi|梅 mui mei|童 tung|凌 ling|毕畢 pat pi|单單 shin shan|裴 pui pei|霍 fok huo|涂塗 to tu|成 shing cheng|苗 miu miao|谷 kuk ku|盛 shing sheng|曲 kuk chu|翁 yung weng|冉 yim jan|骆駱 lok lo|蓝藍 lam lan|路 lo lu|游 yau yu|辛 san hsin|靳 kan chin|管 koon kuan|柴 chai|蒙 mung meng|鲍鮑 pau pao|华華 wah hua|喻 yu|祁 kei chi|房 fong fang|蒲 po pu|滕 tang teng|屈 wat chu|饶饒 yiu jao|解 kai hsieh|牟 mau mou|艾 ngai ai|尤 yau yu|阳陽 yeung yang|时時 shi shih|穆 muk mu|农農 nung|司 sze szu|卓 cheuk cho|古 kwu ku|吉 kat chi|缪繆 miu miao|简簡 kan chien|车車 che|项項 hong hsiang|连連 lin lien|芦蘆 lo lu|麦麥 mak mai|褚 chu|娄婁 lau lou|窦竇 tau tou|戎 yung jung|岑 sham tsen|景 king ching|党黨 tong tang|宫宮 kung|费費 fai fei|卜 puk pu|冷 lang leng|晏 an yen|席 chik hsi|卫衛 wai wei|米 mai mi|柏 pak po|宗 chung tsung|瞿 kui chu|桂 kwai kuei|全 chuen chuan|佟 tung|应應 ying|臧 tsong tsang|闵閔 man min|苟 kau kou|邬鄔 wu|边邊 pin pien|卞 pin pien|姬 kei chi|师師 sze shih|和 wo ho|仇 sau chiu|栾欒 luen luan|隋 chui sui|商 sheung shang|刁 tiu tiao|沙 sa sha|荣榮 wing jung|巫 mo wu|寇 kau kou|桑 song sang|郎 long lang|甄 yan chen|丛叢 chung tsung|仲 chung|虞 yu|敖 ngo ao|巩鞏 kung|明 ming|佘 sheh she|池 chi chih|查 cha|麻 ma|苑 yuen yuan|迟遲 chi chih|邝鄺 kwong kuang|欧阳/歐陽 auyeung ouyang|司马/司馬 szeto ssuma|上官/ seunggwun shangkuan|诸葛/諸葛 chukot chuko|司徒/ szeto ssutu|东方/東方 tungfong|夏侯/ hahau hsiahou|皇甫/ wongpo huangfu|尉迟/尉遲 watchi yuchih|公孙/公孫 kungsuen kungsun|慕容/ muyung mujung|令狐/ lingwu linghu`)

// familyRows reads the table: characters, then the other spellings. Characters
// with a stroke behind them make one family name together.
func familyRows(text string) map[string][]string {
	t := map[string][]string{}
	for row := range strings.SplitSeq(text, "|") {
		words := strings.Fields(row)
		if strings.Contains(words[0], "/") {
			for name := range strings.SplitSeq(strings.TrimSuffix(words[0], "/"), "/") {
				t[name] = words[1:]
			}
			continue
		}
		for _, r := range words[0] {
			t[string(r)] = words[1:]
		}
	}
	return t
}

// hanFamily is how many characters of a run are a known family name.
func hanFamily(run []rune) int {
	for n := min(2, len(run)); n > 0; n-- {
		if _, ok := hanFamilies[string(run[:n])]; ok {
			return n
		}
	}
	return 0
}

func wadeGilesOf(run []rune) string {
	var b strings.Builder
	for _, r := range run {
		b.WriteString(wadeGiles(pinyinOf(r)))
	}
	return b.String()
}

// wadeGiles turns one pinyin syllable into the spelling of Wade and Giles,
// without its apostrophes.
func wadeGiles(py string) string {
	for _, rule := range [...]struct{ from, to string }{{"zhi", "chih"}, {"chi", "chih"}, {"shi", "shih"}, {"ri", "jih"}, {"zi", "tzu"}, {"ci", "tzu"}, {"si", "ssu"}, {"you", "yu"}, {"yi", "i"}, {"yan", "yen"}, {"er", "erh"}} {
		if py == rule.from {
			return rule.to
		}
	}
	out := py
	for _, rule := range [...]struct{ from, to string }{{"zh", "ch"}, {"ch", "ch"}, {"sh", "sh"}, {"x", "hs"}, {"q", "ch"}, {"j", "ch"}, {"z", "ts"}, {"c", "ts"}, {"b", "p"}, {"d", "t"}, {"g", "k"}, {"r", "j"}} {
		if rest, ok := strings.CutPrefix(py, rule.from); ok {
			out = rule.to + rest
			break
		}
	}
	for _, rule := range [...]struct{ from, to string }{{"ong", "ung"}, {"ian", "ien"}, {"ie", "ieh"}, {"ue", "ueh"}, {"kuo", "kuo"}, {"uo", "o"}} {
		if rest, ok := strings.CutSuffix(out, rule.from); ok {
			return rest + rule.to
		}
	}
	return out
}

// hanForeign reads a foreign name by the sound: first the names whose writing
// is fixed, then syllable by syllable.
func hanForeign(run []rune) []Token {
	var out []Token
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, Token{Text: b.String(), Loose: true})
			b.Reset()
		}
	}
	for i := 0; i < len(run); {
		n := min(5, len(run)-i)
		for ; n > 1; n-- {
			if name, ok := hanNames[string(run[i:i+n])]; ok && (n > 2 || (i == 0 && n == len(run))) {
				flush()
				out = append(out, Token{Text: name, Loose: true})
				break
			}
		}
		if n > 1 {
			i += n
			continue
		}
		if s, ok := hanSounds[run[i]]; ok {
			b.WriteString(s)
		} else if py := pinyinOf(run[i]); syllableSounds[py] != "" {
			b.WriteString(syllableSounds[py])
		} else {
			b.WriteString(py)
		}
		i++
	}
	flush()
	return out
}

// hanSounds are characters that stand for another sound than their syllable
// usually does.
var hanSounds = pairTable("基 ki 希 hi 史 s 什 sh 让 jan 讓 jan 科 ko 柯 ko 戈 go 哥 go 伯 ber 麦 mak 麥 mak 里 ri 雷 re 罗 ro 羅 ro 鲁 ru 魯 ru 兰 ran 蘭 ran 朗 ron 拉 ra 赖 rai 賴 rai 季 ti 蒂 ti 提 ti 佛 fr 福 for 沃 wo 华 wa 華 wa 伍 wu 武 bu")

// syllableSounds are what a pinyin syllable stands for in a foreign name, as a
// rule: a vowel that only helps to say a consonant is left out, and -ng mostly
// stands for -n.
var syllableSounds = latinPairs("er l si s te t de d ke k ge g fu f bu b pu p zi z ci ts shi sh le l he h mu m luo lo nuo no duo do tuo to huo ho suo so guo go zuo zo kuo ko ruo jo yue yo xue she " +
	"xun son dun ton lun ron sun son kun kuin deng den teng ten meng mon peng pen heng hen feng fon geng gen leng len sheng shen weng on long lon tong ton dong don kong kon gong gon nong non song son rong ron hong hon qiong jon xiong shon zhong jon " +
	"lang ran tang tan dang dan bang ban kang kon gang gan sang san fang fan wang wan mang man pang pan hang han nang nan yang ian rang jan zhang jan chang chan shang shan ang an ping pin ting tin ding din ling lin ming min jing kin xing sin bing bin ning nin ying in qing chin " +
	"bao bo mao mo gao go kao ko hao ho tao to dao do lao lo shao sho zhao jo chao cho ao o yao yo qiao jo xiao sho jiao jo miao miu " +
	"jia ga ji ji jie je jin kin jun jun jiu ju jian jan jiang jan ju ju qi chi qie che qin chin qu chu qian chan xi si xia sha xie she xin sin xiu hu xu hu " +
	"zha ja zhan jan zhe je zhu ju zhi ji zhen jen zhai jai ri ji re je ru ju rui ri yi i yu u you iu ye ie ya ia yan ian yin in wu u wei vi wen ven wa va wai vai wan van bei be lei re mei me nei ne pei pe hei he fei fi huai wai hui wi hua wa")

// hanNames are given names whose writing is fixed by use.
var hanNames = pairNames("约翰 約翰 john|乔治 喬治 george|迈克尔 邁克爾 麥可 michael|迈克 邁克 麥克 mike|彼得 彼德 peter|保罗 保羅 paul|大卫 大衛 戴维 戴維 david|詹姆斯 詹姆士 james|吉姆 jim|杰克 傑克 jack|威廉 william|亨利 henry|爱德华 愛德華 edward|亚历山大 亞歷山大 alexander|伊丽莎白 伊麗莎白 elizabeth|玛丽 瑪麗 瑪莉 mary|理查德 理查 理察 richard|罗伯特 羅伯特 羅伯 robert|查尔斯 查爾斯 charles|查理 charlie|史蒂芬 史蒂文 斯蒂芬 史提芬 stephen|托马斯 湯瑪斯 托馬斯 thomas|约瑟夫 約瑟夫 joseph|丹尼尔 丹尼爾 daniel|马修 馬修 matthew|马克 馬克 mark|卢克 盧克 luke|弗朗索瓦 francois|雅克 jacques|皮埃尔 皮埃爾 pierre|路易 louis|菲利普 philip|安德鲁 安德魯 andrew|安东尼 安東尼 anthony|尼古拉斯 nicholas|克里斯托弗 christopher|克里斯 chris|汤姆 湯姆 tom|蒂姆 提姆 tim|珍妮 jenny|珍妮特 janet|杰弗里 傑弗里 jeffrey|杰夫 傑夫 jeff|杰里米 傑里米 jeremy|贾斯汀 賈斯汀 justin|穆罕默德 默罕默德 莫哈末 muhammad|艾哈迈德 阿末 ahmad|阿卜杜勒 阿都 abdul|侯赛因 hussein|哈桑 hassan|易卜拉欣 ibrahim|优素福 yusuf|胡安 juan|何塞 荷西 若泽 jose|豪尔赫 jorge|哈维尔 javier|若昂 joao|约翰内斯 johannes|尤里 yuri|伊万 ivan|叶夫根尼 yevgeny|谢尔盖 sergei|弗拉基米尔 vladimir|米哈伊尔 mikhail|胡里奥 julio|乔恩 jon|乔纳森 jonathan|约书亚 joshua|雅各布 jacob|本杰明 benjamin|塞缪尔 samuel|拉尔夫 ralph|霍华德 howard|奥马尔 omar|阿里 ali|法蒂玛 fatima|海伦 helen|安妮 anne|凯瑟琳 catherine|玛格丽特 margaret|苏珊 susan|莎拉 sarah|瑞秋 rachel|乔瓦尼 giovanni|朱塞佩 giuseppe|弗朗西斯科 francisco|米格尔 miguel|卡洛斯 carlos|路易斯 luis|恩里克 enrique|圭多 guido|京特 gunter|于尔根 jurgen|约尔格 jorg|海因里希 heinrich|让-马克 jeanmarc")

func pairNames(text string) map[string]string {
	t := map[string]string{}
	for row := range strings.SplitSeq(text, "|") {
		words := strings.Fields(row)
		for _, w := range words[:len(words)-1] {
			t[w] = words[len(words)-1]
		}
	}
	return t
}

func pairTable(text string) map[rune]string {
	t := map[rune]string{}
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		t[[]rune(words[i])[0]] = words[i+1]
	}
	return t
}

func latinPairs(text string) map[string]string {
	t := map[string]string{}
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		t[words[i]] = words[i+1]
	}
	return t
}
