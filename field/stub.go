package field

import "time"

type textKind struct{}

func (textKind) spec() TypeSpec                  { return TypeSpec{} }
func (textKind) define(*definer, *Field, string) {}
func (textKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type numberKind struct{}

func (numberKind) spec() TypeSpec                  { return TypeSpec{} }
func (numberKind) define(*definer, *Field, string) {}
func (numberKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type booleanKind struct{}

func (booleanKind) spec() TypeSpec                  { return TypeSpec{} }
func (booleanKind) define(*definer, *Field, string) {}
func (booleanKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type selectKind struct{}

func (selectKind) spec() TypeSpec                  { return TypeSpec{} }
func (selectKind) define(*definer, *Field, string) {}
func (selectKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type fileKind struct{}

func (fileKind) spec() TypeSpec                  { return TypeSpec{} }
func (fileKind) define(*definer, *Field, string) {}
func (fileKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type emailKind struct{}

func (emailKind) spec() TypeSpec                  { return TypeSpec{} }
func (emailKind) define(*definer, *Field, string) {}
func (emailKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type phoneKind struct{}

func (phoneKind) spec() TypeSpec                  { return TypeSpec{} }
func (phoneKind) define(*definer, *Field, string) {}
func (phoneKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type urlKind struct{}

func (urlKind) spec() TypeSpec                  { return TypeSpec{} }
func (urlKind) define(*definer, *Field, string) {}
func (urlKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type countryKind struct{}

func (countryKind) spec() TypeSpec                  { return TypeSpec{} }
func (countryKind) define(*definer, *Field, string) {}
func (countryKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type nameKind struct{}

func (nameKind) spec() TypeSpec                  { return TypeSpec{} }
func (nameKind) define(*definer, *Field, string) {}
func (nameKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type walletKind struct{}

func (walletKind) spec() TypeSpec                  { return TypeSpec{} }
func (walletKind) define(*definer, *Field, string) {}
func (walletKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type domainKind struct{}

func (domainKind) spec() TypeSpec                  { return TypeSpec{} }
func (domainKind) define(*definer, *Field, string) {}
func (domainKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type volumeKind struct{}

func (volumeKind) spec() TypeSpec                  { return TypeSpec{} }
func (volumeKind) define(*definer, *Field, string) {}
func (volumeKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type addressKind struct{}

func (addressKind) spec() TypeSpec                  { return TypeSpec{} }
func (addressKind) define(*definer, *Field, string) {}
func (addressKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type entityArrayKind struct{}

func (entityArrayKind) spec() TypeSpec                  { return TypeSpec{} }
func (entityArrayKind) define(*definer, *Field, string) {}
func (entityArrayKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type subMerchantsKind struct{}

func (subMerchantsKind) spec() TypeSpec                  { return TypeSpec{} }
func (subMerchantsKind) define(*definer, *Field, string) {}
func (subMerchantsKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}

type objectKind struct{}

func (objectKind) spec() TypeSpec                  { return TypeSpec{} }
func (objectKind) define(*definer, *Field, string) {}
func (objectKind) read(c *call, f *Field, at string, v any) (any, bool) {
	c.add(at, "not_ready", "")
	return nil, false
}
func Read(fields []Field, values map[string]any) Semantics { return Semantics{} }
func clean(s string) string                                { return s }

var _ = time.Now
