package document

import "strings"

// isoCodes are the 249 countries of ISO 3166-1, alpha-3 followed by alpha-2.
const isoCodes = "" +
	"ANDAD AREAE AFGAF ATGAG AIAAI ALBAL ARMAM AGOAO ATAAQ ARGAR ASMAS AUTAT AUSAU ABWAW ALAAX AZEAZ BIHBA BRBBB " +
	"BGDBD BELBE BFABF BGRBG BHRBH BDIBI BENBJ BLMBL BMUBM BRNBN BOLBO BESBQ BRABR BHSBS BTNBT BVTBV BWABW BLRBY " +
	"BLZBZ CANCA CCKCC CODCD CAFCF COGCG CHECH CIVCI COKCK CHLCL CMRCM CHNCN COLCO CRICR CUBCU CPVCV CUWCW CXRCX " +
	"CYPCY CZECZ DEUDE DJIDJ DNKDK DMADM DOMDO DZADZ ECUEC ESTEE EGYEG ESHEH ERIER ESPES ETHET FINFI FJIFJ FLKFK " +
	"FSMFM FROFO FRAFR GABGA GBRGB GRDGD GEOGE GUFGF GGYGG GHAGH GIBGI GRLGL GMBGM GINGN GLPGP GNQGQ GRCGR SGSGS " +
	"GTMGT GUMGU GNBGW GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IRLIE ISRIL IMNIM INDIN IOTIO IRQIQ IRNIR " +
	"ISLIS ITAIT JEYJE JAMJM JORJO JPNJP KENKE KGZKG KHMKH KIRKI COMKM KNAKN PRKKP KORKR KWTKW CYMKY KAZKZ LAOLA " +
	"LBNLB LCALC LIELI LKALK LBRLR LSOLS LTULT LUXLU LVALV LBYLY MARMA MCOMC MDAMD MNEME MAFMF MDGMG MHLMH MKDMK " +
	"MLIML MMRMM MNGMN MACMO MNPMP MTQMQ MRTMR MSRMS MLTMT MUSMU MDVMV MWIMW MEXMX MYSMY MOZMZ NAMNA NCLNC NERNE " +
	"NFKNF NGANG NICNI NLDNL NORNO NPLNP NRUNR NIUNU NZLNZ OMNOM PANPA PERPE PYFPF PNGPG PHLPH PAKPK POLPL SPMPM " +
	"PCNPN PRIPR PSEPS PRTPT PLWPW PRYPY QATQA REURE ROURO SRBRS RUSRU RWARW SAUSA SLBSB SYCSC SDNSD SWESE SGPSG " +
	"SHNSH SVNSI SJMSJ SVKSK SLESL SMRSM SENSN SOMSO SURSR SSDSS STPST SLVSV SXMSX SYRSY SWZSZ TCATC TCDTD ATFTF " +
	"TGOTG THATH TJKTJ TKLTK TLSTL TKMTM TUNTN TONTO TURTR TTOTT TUVTV TWNTW TZATZ UKRUA UGAUG UMIUM USAUS URYUY " +
	"UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE MYTYT ZAFZA ZMBZM ZWEZW "

// icaoCodes are the codes of ICAO Doc 9303 part 3, section 5, that ISO 3166-1
// does not have: code, then the alpha-2 it stands for or "--" where there is
// none (organisations, stateless people, unspecified nationality).
const icaoCodes = "" +
	"D  :DE GBD:GB GBN:GB GBO:GB GBP:GB GBS:GB RKS:XK XKX:XK EUE:-- UNO:-- UNA:-- UNK:-- " +
	"XAA:-- XBA:-- XIM:-- XCC:-- XCE:-- XCO:-- XEC:-- XES:-- XMP:-- XOM:-- XPO:-- XDC:-- " +
	"XXA:-- XXB:-- XXC:-- XXX:-- IAO:-- NTZ:-- ANT:-- "

// fictionalCodes are issuers that exist on specimens only.
const fictionalCodes = "UTO "

// Country gives the ISO alpha-2 code of an issuer or nationality as the
// zone writes it, fillers removed. A code without a country comes back as it
// is. known reports whether ICAO or ISO knows the code at all; UTO counts as
// known here and is reported as fictional elsewhere.
func Country(code string) (alpha2 string, known bool) {
	code = strings.TrimRight(code, "<")
	switch {
	case len(code) == 3:
		for i := 0; i+6 <= len(isoCodes); i += 6 {
			if isoCodes[i:i+3] == code {
				return isoCodes[i+3 : i+5], true
			}
		}
	case code != "D":
		return code, false
	}
	padded := (code + "  ")[:3]
	for i := 0; i+7 <= len(icaoCodes); i += 7 {
		if icaoCodes[i:i+3] == padded {
			if a := icaoCodes[i+4 : i+6]; a != "--" {
				return a, true
			}
			return code, true
		}
	}
	return code, Fictional(code)
}

// Fictional reports whether a code is an issuer that does not exist.
func Fictional(code string) bool {
	return len(code) == 3 && strings.Contains(fictionalCodes, code+" ")
}
