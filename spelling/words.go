package spelling

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// commonWords prove little about who is meant.
var commonWords = kinds(commonWordRows)

// commonWordRows lists each of them under one kind only; under two, the kind
// would be a matter of luck.
var commonWordRows = map[Kind]string{
	KindParticle: "al el ul ad ar as at az an bin ben ibn bint bte binti abu abou ould o de del della di da do dos das du des la le les lo los las van von der den ter ten te zu zum y e i u and und et the of for in on a à to dit dite st san san nee nees geb geborene geborener",
	KindTitle:    "dipl kffr mag fh phd bsc msc esq dato datuk puan cik ostad hojjatoleslam ayatollah ayatullah amir emir mawlana mulla molla mullo sardar brother comrade mr mrs ms miss dr doctor prof professor sir dame lord lady sheikh shaykh shaikh cheikh sheik hajji haji hajj hadji mullah maulavi mawlawi maulvi maulana moulavi sayyid sayed syed seyed gen colonel col major maj captain capt lieutenant lt brigadier brig hon honourable rev reverend ing eng engineer maa shri sri smt jr sr ii iii iv qari ustad imam sheikha prince princess fnu lnu nfn nln nmn bapak ibu ret rtd retd mv mt lpg lng kbe obe cbe mba llb llm habil rer",
	KindGeneric:  "trading trade group groupe grupo international national brothers government establishment airline general industries industry industrial holding holdings services service enterprise enterprises investment investments bank banco airlines airways shipping maritime marine transport transports transportes logistics construction constructora comercial comercializadora commercial import export imports exports technology technologies tech engineering development management consulting consultants global world center centre institute foundation fundacion organization organisation association society committee council office agency bureau university college school federation union party movement front army brigade forces force state ministry department factory plant works manufacturing product products production energy oil gas petroleum petrochemical chemical steel mining electronics communications telecom media system systems solutions partners capital finance financial insurance exchange money hotel hoteles restaurant farm farms agropecuaria inmobiliaria inversiones distribuidora sociedad empresa firm firma",
}

// alsoNames are titles and particles that people are called by, too.
var alsoNames = wordSet("abu an ben bin da das de del della den des di do du la le lo nee san ten van amir emir haj haji hajj hajji imam major mulla mullah molla mullo maulana prince princess qari sardar sayed sayyid seyed syed shaikh shaykh sheikh sheik shri sri ustad")

// plainWords are the words that classify has something to say about, so that
// most words need one look.
var plainWords = func() map[string]bool {
	t := map[string]bool{}
	for _, words := range []iter.Seq[string]{maps.Keys(commonWords), maps.Keys(legalForms), maps.Keys(sameMeaning)} {
		for w := range words {
			t[w] = true
		}
	}
	return t
}()

// PlainWords are all words that prove little about who is meant, legal forms
// among them, in the order of the alphabet.
func PlainWords() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, words := range []iter.Seq[string]{maps.Keys(commonWords), maps.Keys(legalForms)} {
			for w := range words {
				if !yield(w) {
					return
				}
			}
		}
	})
}

func kinds(rows map[Kind]string) map[string]Kind {
	t := map[string]Kind{}
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
	"andrew andy drew dandy", "andrea drea andie", "anthony ant tony", "malcolm malc mal", "victor vic", "victoria vic", "russell rusty russ", "julian jules jule", "julius jules", "juliana jules", "michelle shelly shell mickey chelle", "rochelle shelly", "shelley shelly", "christina kris", "christine kris kirsty", "kristina kris", "kristine kris tina", "christopher kris", "kristen kris", "paula polly", "pauline polly", "apollonia polly", "rebecca beck bex", "carolyn carrie cassie lyn", "caroline carrie caro lina", "cassandra cassie", "catherine cassie casey trina rina", "katherine katya trina rina", "ekaterina katya katia", "katarina katia", "edmund eddy", "edward eddy ned", "edwin eddy", "eduardo eddy edu", "jane janie jess jessie jenny", "janet jenny jessie", "jean jeannie jessie", "james jimmie jem jaime", "jimmy jimmie", "donald donny", "donovan don donny", "jeremy jez jezza", "gerald gerry gez", "john jock jocky jackie ian evan", "ian john", "sean john", "ivan john vanya", "juan john", "giovanni john gianni nino", "johannes john hannes", "jonas john", "richard dickie dickon rico", "robert rob robin bobbie hob dob dobbin", "roger hodge dodge", "david day dai", "howard howie hal", "solomon sal solly", "salvatore sal toto turi", "salvador sal chava", "sally sal", "sarah sal sara", "lawrence lorry lars lauri", "lorenzo enzo renzo", "vincenzo enzo cenzo", "clarence clair", "martha mattie patty", "matthew mat matty", "matthias mat matti", "joseph jody jos", "josephine jody posy", "judith jody", "joan jody joanie", "michael micky mitch misha", "micheal mick", "diana di dina", "diane di didi", "sharon sha shari", "charlotte lottie charlie char carly", "amelia amy millie", "arnold arnie", "archibald archie", "barnaby barney", "bartholomew bart barty", "benedict ben", "beatrice bea trixie", "bridget biddy bridie", "cecilia cissy celia", "clement clem", "clementine clem", "conrad con", "constantine costa dinos kostas gus", "cuthbert bert", "cyril cy", "delbert del bert", "derek del", "dolores lola", "duane dewey", "eleanor leonora lenore", "ellen nell ellie", "elmer el", "esther essie hettie", "eustace stacy", "evangeline eva", "evelyn evie", "ezekiel zeke", "ferdinand ferdie", "gabriel gabe", "genevieve gen", "geraldine gerry", "gertrude gertie trudy", "gwendolyn gwen wendy", "hannah nan", "harriet harry", "hezekiah hez", "hilary hil", "horace horry", "humphrey humph", "ignatius iggy", "imogen immy", "irving irv", "isadora dora", "theodora dora", "jedediah jed", "jerome romy", "julia jules", "karen kari", "kendrick ken", "kevin kev", "lancelot lance", "leopold leo poldi", "leroy roy", "lester les", "lincoln linc", "lionel leo", "lucian luc", "lucinda cindy lucy", "luther lou", "mabel may", "madeline maddy", "magdalena lena magda", "marcella marcy", "margarita rita", "marguerite rita", "marvin marv", "maureen mo", "merle mel", "mervyn merv", "miranda mandy randy", "miriam mimi", "montague monty", "montgomery monty", "muriel mu", "nehemiah nemo", "newton newt", "nigel nige", "octavia tavia", "orlando lando", "oswald ozzy waldo", "percival percy", "perry pez", "prudence prue", "quentin quin", "rachel rae", "raphael rafe rafi", "regina gina", "ricardo rick ricky rico", "roland rollo rowley", "ronald ronny", "rosalie rosie", "roxanne roxy", "rupert rup", "sebastian seb bastian", "shirley shirl", "sigmund sig", "silvester sly", "spencer spence", "susannah sukie", "tabitha tabby", "thaddeus thad", "ulysses lys", "ursula ursie", "vanessa nessa", "wilbur will", "wilfred wilf fred", "alfredo fredo", "willard will", "winston win", "yvonne vonnie", "alejandro ale jandro alex", "aleksander olek alex", "anastasia nastya stasia", "anatoly tolya", "antonia toni", "arkady arkasha", "beatriz bea", "bogdan bodia", "boris borya", "caterina rina", "concepcion concha", "consuelo chelo", "cristobal cris", "dolores loli", "elena lena alyona", "evgeniya zhenya", "federico fede", "fedor fedya", "francesca franca", "francesco franco cecco", "francisca paca paquita", "gennady gena", "georgios giorgos", "georgy zhora gosha", "gonzalo gonza", "gregorio goyo", "igor gosha", "ilya ilyusha", "irina ira", "ivanka iva", "jaroslav jarda", "jaroslaw jarek", "jerzy jurek", "jiri jirka", "joaquin quino chimo", "josef pepa sepp jupp", "jorge coque", "konstantin kostya", "kyriakos koulis", "ksenia ksyusha", "leonid lyonya", "lev lyova", "lyudmila lyuda", "maksim maks max", "malgorzata gosia", "maria masha marusya mia", "mariano nano", "miguel migue", "mikhail mischa", "miloslav milos", "miroslav mirek", "nadezhda nadya", "natalya natasha", "nikita nik", "oleksandr sashko oles", "olga olya", "panagiotis panos takis", "pavel pasha pavlik", "pyotr petya", "rafael rafa", "ramon moncho", "ricardo richi", "rodrigo rodri", "roman roma", "rosario charo", "santiago santi", "sofia sonya", "stanislav stas", "stanislaw stas staszek", "svetlana sveta", "svyatoslav slava", "tatiana tanya", "timofey tima", "tomas tommy", "vaclav vasek", "valentin valya", "valery valera", "vasily vasya", "vicente chente", "viktor vitya", "vitaly vitalik", "vladislav vlad slava", "vyacheslav slava", "wojciech wojtek", "yakov yasha", "yaroslav yarik slava", "yekaterina katya", "yelena lena", "yuri yura", "zbigniew zbyszek", "christos chris", "dimitrios dimitris mitsos jimmy", "ioannis yannis giannis", "konstantinos kostas dinos", "nikolaos nikos", "vasileios vasilis bill", "athanasios thanasis", "emmanouil manolis", "michail michalis", "evangelos vangelis", "abdulaziz aziz azoz", "abdurrahman abdu", "muhammad mohd md muhd", "mohammed mohd md muhd", "mohamed mohd md", "mohammad mohd md", "mustafa mosti", "mehmet memo", "hussein hassoun", "suleiman sulo", "abdullah abdu", "fatima fatma fati", "khadija khadidja", "gulnara gulya", "jonathan jonno", "joshua yeshua", "yitzhak itzik", "moshe moishe", "yosef yossi", "yaakov yankel kobi", "avraham avi", "benjamin benji bibi", "david dudi", "shmuel shmulik", "eliyahu eli", "natan nati", "reuven ruvi", "shimon shimi", "bradford brad", "william bill wills gwilym", "wilhelmina mina billie", "frederick fritz", "alfonso fonso poncho", "alonso lonny", "alonzo lonny",
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

// HasNickname reports whether a name has short forms, or is one.
func HasNickname(text string) bool { return len(nicknames[text]) > 0 }

// NicknamesOf are the names that share a row with one, itself among them. One
// that stands in two rows comes twice.
func NicknamesOf(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, row := range nicknames[text] {
			for _, other := range strings.Fields(nicknameRows[row]) {
				if !yield(other) {
					return
				}
			}
		}
	}
}

// SameNickname reports whether one is a short form of the other. Two short
// forms of one name count too; two full names never share a row.
func SameNickname(a, b string) bool {
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
