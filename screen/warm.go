package screen

// warmName has a word of every script whose reading has tables of its own.
const warmName = "Lorem ипсум Λαμπρος Արամ გიორგი محمد שלום प्रकाश สมชาย 김정 名 サラ Élodé"

// warm answers a question before anybody asks one. What the first question of a
// dictionary costs beside its answer (its working memory, the pages of its images,
// tables of characters) is paid while the lists before it are in force still.
func (d *dictionary) warm() {
	if len(d.members) == 0 {
		return
	}
	if p, err := prepare(Query{Name: warmName, Country: "DE"}); err == nil {
		d.match(p, d.sorted())
	}
}
