package field

import "strings"

// disposable reports whether a mail domain, or a domain above it, belongs to a
// well-known service of throw-away addresses. The list is short on purpose:
// each entry is a service that offers open, temporary mailboxes. Relays that
// hide a real person's mailbox are not on it.
func disposable(domain string) bool {
	for {
		if strings.Contains(disposableDomains, " "+domain+" ") {
			return true
		}
		_, parent, more := strings.Cut(domain, ".")
		if !more || !strings.Contains(parent, ".") {
			return false
		}
		domain = parent
	}
}

const disposableDomains = " 0-mail.com 10minutemail.com 10minutemail.net 10minutemail.org 1secmail.com 1secmail.net 1secmail.org 20minutemail.com" +
	" 33mail.com anonbox.net anonymbox.com armyspy.com burnermail.io byom.de cuvox.de dayrep.com deadaddress.com despam.it" +
	" discard.email discardmail.com discardmail.de dispostable.com dropmail.me einrot.com emailfake.com emailondeck.com" +
	" emailsensei.com emailtemporanea.net fakeinbox.com fakemail.net fakemailgenerator.com fleckens.hu filzmail.com" +
	" generator.email getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de" +
	" guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com gustr.com harakirimail.com inboxbear.com" +
	" inboxkitten.com incognitomail.com incognitomail.org jetable.org jourrapide.com linshiyouxiang.net luxusmail.org" +
	" mail-temp.com mail-temporaire.fr mail.tm mailcatch.com maildrop.cc mailexpire.com mailforspam.com mailinator.com" +
	" mailinator.net mailinator2.com mailnesia.com mailnull.com mailpoof.com mailsac.com mailtemp.info mailtothis.com" +
	" meltmail.com minuteinbox.com mintemail.com moakt.cc moakt.com moakt.ws mohmal.com mohmal.im mt2015.com" +
	" mytemp.email mytrashmail.com nada.email no-spam.ws nospamfor.us nwytg.net objectmail.com owlymail.com pokemail.net" +
	" rhyta.com schrott-email.de sharklasers.com sneakemail.com sogetthis.com spam4.me spambog.com spambog.de spambox.us" +
	" spamex.com spamfree24.org spamgourmet.com spamhereplease.com spaml.de superrito.com teleworm.us temp-mail.io" +
	" temp-mail.org temp-mail.ru tempail.com tempinbox.com tempmail.dev tempmail.net tempmail.plus tempmailaddress.com" +
	" tempmailo.com tempomail.fr temporary-mail.net temporaryemail.net thankyou2010.com throwawaymail.com tmail.ws tmpmail.net" +
	" tmpmail.org trash-mail.com trash-mail.de trashmail.com trashmail.de trashmail.io trashmail.me trashmail.net trashmail.ws" +
	" trashymail.com wegwerfmail.de wegwerfmail.net wegwerfmail.org yopmail.com yopmail.fr yopmail.net zetmail.com "
