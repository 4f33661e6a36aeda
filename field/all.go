package field

// all lists every field type in the order of the documentation.
func all() []kind {
	return []kind{
		textKind{}, numberKind{}, dateKind{}, booleanKind{}, selectKind{}, fileKind{},
		emailKind{}, phoneKind{}, urlKind{},
		countryKind{}, nameKind{}, walletKind{}, domainKind{}, volumeKind{},
		addressKind{}, entityArrayKind{}, subMerchantsKind{}, objectKind{},
	}
}

// kindOf finds a type by its name; nil when there is none.
func kindOf(name string) kind {
	switch name {
	case "text":
		return textKind{}
	case "number":
		return numberKind{}
	case "date":
		return dateKind{}
	case "boolean":
		return booleanKind{}
	case "select":
		return selectKind{}
	case "file":
		return fileKind{}
	case "email":
		return emailKind{}
	case "phone":
		return phoneKind{}
	case "url":
		return urlKind{}
	case "country":
		return countryKind{}
	case "name":
		return nameKind{}
	case "wallet":
		return walletKind{}
	case "domain":
		return domainKind{}
	case "volume":
		return volumeKind{}
	case "address":
		return addressKind{}
	case "entity_array":
		return entityArrayKind{}
	case "sub_merchants":
		return subMerchantsKind{}
	case "object":
		return objectKind{}
	}
	return nil
}

// Types is the menu of field types in the order of the documentation.
func Types() []TypeSpec {
	kinds := all()
	out := make([]TypeSpec, len(kinds))
	for i, k := range kinds {
		out[i] = k.spec()
	}
	return out
}
