package screen

import "strings"

// commonWords prove little about who is meant.
var commonWords = kinds(commonWordRows)

// commonWordRows lists each of them under one kind only; under two, the kind
// would be a matter of luck.
var commonWordRows = map[wordKind]string{
	kindParticle: "al el ul ad ar as at az an bin ben ibn bint bte binti abu abou ould o de del della di da do dos das du des la le les lo los las van von der den ter ten te zu zum y e i u and und et the of for in on a à to dit dite st san san",
	kindTitle:    "dipl kffr mag fh phd bsc msc esq dato datuk puan cik ostad hojjatoleslam ayatollah ayatullah amir emir mawlana mulla molla mullo sardar brother comrade mr mrs ms miss dr doctor prof professor sir dame lord lady sheikh shaykh shaikh cheikh sheik hajji haji hajj hadji mullah maulavi mawlawi maulvi maulana moulavi sayyid sayed syed seyed gen colonel col major maj captain capt lieutenant lt brigadier brig hon honourable rev reverend ing eng engineer maa shri sri smt jr sr ii iii iv qari ustad imam sheikha prince princess",
	kindGeneric:  "trading trade group groupe grupo international national brothers government establishment airline general industries industry industrial holding holdings services service enterprise enterprises investment investments bank banco airlines airways shipping maritime marine transport transports transportes logistics construction constructora comercial comercializadora commercial import export imports exports technology technologies tech engineering development management consulting consultants global world center centre institute foundation fundacion organization organisation association society committee council office agency bureau university college school federation union party movement front army brigade forces force state ministry department factory plant works manufacturing product products production energy oil gas petroleum petrochemical chemical steel mining electronics communications telecom media system systems solutions partners capital finance financial insurance exchange money hotel hoteles restaurant farm farms agropecuaria inmobiliaria inversiones distribuidora sociedad compania empresa firm firma",
}

func kinds(rows map[wordKind]string) map[string]wordKind {
	t := map[string]wordKind{}
	for k, words := range rows {
		for _, w := range strings.Fields(words) {
			if len(w) > 1 {
				t[w] = k
			}
		}
	}
	return t
}

// nicknames: each row is one given name and its short and pet forms. They are
// common knowledge, written down for this program.
var nicknameRows = []string{
	"william bill billy will willie liam wm", "robert bob bobby rob robbie bert", "richard dick rick ricky rich richie", "james jim jimmy jamie", "john jack johnny jon johnnie", "jonathan jon jonny john",
	"charles charlie chuck chas", "thomas tom tommy", "edward ed eddie ted teddy ned", "theodore ted teddy theo", "michael mike mick mickey mikey", "joseph joe joey jo", "joshua josh", "david dave davey davy",
	"daniel dan danny", "samuel sam sammy", "benjamin ben benny benji", "alexander alex al sandy xander alec sasha", "alexandra alex sandra sasha lexi", "alexandre alex", "aleksandr sasha alex alik", "andrew andy drew", "anthony tony", "antonio tony toni", "matthew matt",
	"nicholas nick nicky nico", "nikolai kolya nick", "christopher chris kit topher", "christian chris", "christine chris chrissy tina", "christina chris tina", "stephen steve stevie", "steven steve stevie", "patrick pat paddy", "patricia pat patty patsy trish tricia",
	"peter pete", "philip phil pip", "phillip phil", "gregory greg", "geoffrey geoff jeff", "jeffrey jeff", "kenneth ken kenny", "ronald ron ronnie", "donald don donnie", "douglas doug", "lawrence larry laurie", "laurence larry laurie",
	"leonard len lenny leo", "leonardo leo", "raymond ray", "frederick fred freddie freddy", "frank frankie", "francis frank fran", "francisco paco pancho frank", "franklin frank", "gerald gerry jerry", "jerome jerry", "harold hal harry", "henry harry hank hal", "harrison harry",
	"albert al bert bertie", "alfred alf al fred", "arthur art artie", "walter walt wally", "vincent vince vinnie", "timothy tim timmy", "terence terry", "terrence terry", "theresa terry tess tessa", "teresa terry tess", "zachary zach zack", "zachariah zach",
	"jacob jake", "isaac ike", "abraham abe bram", "ibrahim ibo", "nathaniel nate nat nathan", "nathan nate nat", "eugene gene", "clifford cliff", "clinton clint", "stanley stan", "stuart stu", "russell russ", "rodney rod", "roderick rod rory", "rudolph rudy", "reginald reg reggie",
	"elizabeth liz lizzie beth betty betsy eliza libby lisa bess", "margaret maggie meg peggy marge margie margy greta madge", "katherine kate kathy katie kat kay kitty", "catherine cathy kate katie cat kay", "kathleen kathy kate kay", "susan sue susie suzy", "suzanne sue susie", "deborah deb debbie", "barbara barb babs",
	"jennifer jen jenny", "jessica jess jessie", "rebecca becky becca", "victoria vicky vicki tori", "virginia ginny", "dorothy dot dottie dolly", "eleanor ellie nell nora", "helen nell nellie", "abigail abby gail", "alice allie ally", "alison allie ally", "allison allie ally",
	"amanda mandy", "angela angie", "ann annie anna nancy", "anne annie anna nancy", "anna ann annie", "cynthia cindy", "frances fran fanny", "florence flo flossie", "georgina gina georgie", "gabriella gabby", "jacqueline jackie", "janet jan", "joanna jo", "joanne jo", "judith judy jude", "laura laurie", "linda lindy", "louise lou", "lucille lucy",
	"mary molly polly mamie may", "martha marty", "melissa missy", "mildred millie", "natalie nat", "pamela pam", "penelope penny", "roberta bobbie", "rosemary rose rosie", "samantha sam", "sandra sandy", "sarah sally sadie", "sophia sophie", "stephanie steph", "sylvia syl", "valerie val", "veronica ronnie vera", "vivian viv", "winifred winnie",
	"vladimir vova volodya vlad", "dmitry dima", "dmitri dima", "mikhail misha", "ivan vanya", "sergei seryozha", "yevgeny zhenya", "evgeny zhenya", "grigory grisha", "jose pepe", "ignacio nacho", "guillermo memo", "enrique quique", "roberto beto", "alberto beto", "eduardo lalo", "fernando nando", "manuel manolo manny", "jesus chuy", "luis lucho",
	"giuseppe beppe pino", "luigi gigi", "giovanni gianni", "johannes hans jan", "johann hans", "joachim achim jochen", "heinrich heinz", "friedrich fritz", "wilhelm willi", "elisabeth lisa elsa liese", "leslie les", "maurice mo", "mohammed mo", "norman norm", "oliver ollie", "oscar ozzie", "ralph ralf", "sidney sid", "solomon sol", "sylvester sly", "wesley wes", "wallace wally", "calvin cal", "edwin ed eddie", "edmund ed eddie ted", "edgar ed eddie", "ernest ernie", "gilbert gil bert", "herbert herb bert", "hubert hugh bert", "hugh hughie", "lewis lou", "louis lou louie", "martin marty", "maxwell max", "maximilian max", "melvin mel", "mitchell mitch", "morris mo", "neil neal", "randolph randy", "randall randy", "seymour sy", "simon si", "tobias toby", "bernard bernie", "bradley brad", "cameron cam", "cornelius neil connie", "constance connie", "dennis denny", "dominic dom nick", "emily em millie", "emma em", "emmanuel manny", "gordon gord", "jeremy jerry jem", "jeremiah jerry", "kimberly kim", "lucas luke", "marcus mark", "owen owie", "roger rog", "rosalind roz", "harriet hattie", "henrietta etta hettie", "isabella bella izzy", "isabel bella izzy", "josephine jo josie", "juliet julie", "lillian lily lil", "marianne mary", "marjorie marge margie", "matilda tilly", "millicent millie", "myrtle myrt", "nancy nan", "olivia liv", "phyllis phyl", "priscilla cilla", "augustus gus", "augustine gus", "angus gus",
}

// nicknames maps a name to the rows it stands in.
var nicknames = func() map[string][]uint16 {
	t := map[string][]uint16{}
	for i, row := range nicknameRows {
		for _, w := range strings.Fields(row) {
			t[w] = append(t[w], uint16(i))
		}
	}
	return t
}()

// sameNickname reports whether one is a short form of the other. Two short
// forms of one name count too; two full names never share a row.
func sameNickname(a, b string) bool {
	ra, rb := nicknames[a], nicknames[b]
	for _, x := range ra {
		for _, y := range rb {
			if x == y {
				return true
			}
		}
	}
	return false
}
