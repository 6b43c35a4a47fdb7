package seed

// locale is the region and language of a user. Each name has its ASCII form for e-mail addresses
// after a bar: "Siân|sian".
type locale struct {
	country, countryName string
	language             string
	weight               int    // the relative frequency
	phone, postcode      string // patterns: # is a digit, @ a capital letter
	given, family        []string
	cities               []string
	familyFirst          bool
}

var locales = []locale{
	{
		country: "GB", countryName: "United Kingdom", language: "English", weight: 30, phone: "01632 960###", postcode: "@@## #@@",
		given:  []string{"Amara|amara", "Priya|priya", "Oliver|oliver", "Grace|grace", "Kwame|kwame", "Fatima|fatima", "Harriet|harriet", "Omar|omar", "Ngozi|ngozi", "Edith|edith"},
		family: []string{"Okafor|okafor", "Raghunathan|raghunathan", "O'Brien|obrien", "Mensah-Bonsu|mensah-bonsu", "Haddad|haddad", "Whitfield|whitfield", "Eze|eze", "Ben Ali|benali", "Ashworth|ashworth", "St. John|stjohn"},
		cities: []string{"London", "Leeds", "Newcastle upon Tyne", "Bristol", "Belfast", "Glasgow"},
	},
	{
		country: "GB", countryName: "United Kingdom", language: "Cymraeg", weight: 5, phone: "029 2018 0###", postcode: "CF## #@@",
		given:  []string{"Siân|sian", "Rhys|rhys", "Llŷr|llyr", "Angharad|angharad"},
		family: []string{"Llewellyn|llewellyn", "ap Gwilym|apgwilym", "Prŷs|prys", "Gruffudd|gruffudd"},
		cities: []string{"Caerdydd", "Abertawe", "Aberystwyth"},
	},
	{
		country: "IE", countryName: "Ireland", language: "Gaeilge", weight: 4, phone: "020 91# ####", postcode: "D## @#@#",
		given:  []string{"Aoife|aoife", "Ciarán|ciaran", "Saoirse|saoirse", "Pádraig|padraig"},
		family: []string{"Ní Bhriain|nibhriain", "Ó Súilleabháin|osuilleabhain", "Mac Cárthaigh|maccarthaigh"},
		cities: []string{"Baile Átha Cliath", "Corcaigh", "Gaillimh"},
	},
	{
		country: "US", countryName: "United States", language: "English", weight: 12, phone: "(212) 555-01##", postcode: "0####",
		given:  []string{"José Ignacio|j.i", "Madison|madison", "DeShawn|deshawn", "Zoë|zoe", "Anne-Marie|annemarie"},
		family: []string{"Ferreira|ferreira", "D’Angelo|dangelo", "Washington|washington", "Nuñez|nunez", "Smith, Jr.|smith"},
		cities: []string{"Boston", "Winston-Salem", "Española", "St. Louis"},
	},
	{
		country: "DE", countryName: "Germany", language: "Deutsch", weight: 8, phone: "030 23125 ###", postcode: "0####",
		given:  []string{"Jürgen|juergen", "Käthe|kaethe", "Björn|bjoern", "Mareike|mareike", "Çağla|cagla"},
		family: []string{"Groß|gross", "Müller-Lüdenscheidt|mueller", "von der Heide|vonderheide", "Yıldız|yildiz"},
		cities: []string{"Köln", "Berlin", "Zürich-West", "Görlitz"},
	},
	{
		country: "FR", countryName: "France", language: "Français", weight: 6, phone: "01 99 00 ## ##", postcode: "0####",
		given:  []string{"Noémie|noemie", "François|francois", "Maëlle|maelle", "Loïc|loic"},
		family: []string{"L’Hôpital|lhopital", "Lefèvre|lefevre", "Cœurdevey|coeurdevey", "Nguyễn|nguyen"},
		cities: []string{"Orléans", "Saint-Étienne", "L’Haÿ-les-Roses"},
	},
	{
		country: "PL", countryName: "Poland", language: "Polski", weight: 5, phone: "0## ### ## ##", postcode: "0#-###",
		given:  []string{"Tomasz|tomasz", "Łucja|lucja", "Żaneta|zaneta", "Świętosław|swietoslaw"},
		family: []string{"Wójcik|wojcik", "Dąbrowska|dabrowska", "Źrebiec|zrebiec"},
		cities: []string{"Łódź", "Gdańsk", "Wrocław"},
	},
	{
		country: "IS", countryName: "Iceland", language: "Íslenska", weight: 3, phone: "00354 555 ####", postcode: "1##",
		given:  []string{"Björn|bjorn", "Guðrún|gudrun", "Þórdís|thordis"},
		family: []string{"Þorsteinsson|thorsteinsson", "Ægisdóttir|aegisdottir"},
		cities: []string{"Reykjavík", "Ísafjörður"},
	},
	{
		country: "VN", countryName: "Viet Nam", language: "Tiếng Việt", weight: 3, phone: "09## ### ###", postcode: "1####0", familyFirst: true,
		given:  []string{"Thị Hạnh|hanh", "Văn Đức|duc", "Thu Hường|huong"},
		family: []string{"Nguyễn|nguyen", "Trần|tran", "Đặng|dang"},
		cities: []string{"Hà Nội", "Đà Nẵng"},
	},
	{
		country: "GR", countryName: "Greece", language: "Ελληνικά", weight: 3, phone: "0030 210 ### ####", postcode: "1## ##",
		given:  []string{"Σοφία|sofia", "Οδυσσέας|odysseas", "Ευγενία|evgenia"},
		family: []string{"Παπαδοπούλου|papadopoulou", "Ξενάκης|xenakis"},
		cities: []string{"Αθήνα", "Θεσσαλονίκη"},
	},
	{
		country: "UA", countryName: "Ukraine", language: "Українська", weight: 3, phone: "044 ### ## ##", postcode: "0####",
		given:  []string{"Олена|olena", "Єва|yeva", "Дмитро|dmytro"},
		family: []string{"Шевченко|shevchenko", "Ґалаґан|galagan"},
		cities: []string{"Київ", "Львів"},
	},
	{
		country: "EG", countryName: "Egypt", language: "العربية", weight: 3, phone: "010 #### ####", postcode: "11###",
		given:  []string{"فاطمة الزهراء|fatima", "محمد|mohamed", "يوسف|youssef"},
		family: []string{"حدّاد|haddad", "عبد الرحمن|abdelrahman"},
		cities: []string{"القاهرة", "الإسكندرية"},
	},
	{
		country: "IL", countryName: "Israel", language: "עברית", weight: 2, phone: "03-### ####", postcode: "0######",
		given:  []string{"יעל|yael", "נֹעַם|noam"},
		family: []string{"בן־דוד|bendavid", "כהן|cohen"},
		cities: []string{"תל אביב־יפו", "חיפה"},
	},
	{
		country: "JP", countryName: "Japan", language: "日本語", weight: 5, phone: "090-####-####", postcode: "0##-####", familyFirst: true,
		given:  []string{"雪|yuki", "健太郎|kentaro", "さくら|sakura", "エミリ|emiri"},
		family: []string{"田辺|tanabe", "髙橋|takahashi", "渡邉|watanabe"},
		cities: []string{"東京", "札幌市", "大阪"},
	},
	{
		country: "CN", countryName: "China", language: "中文", weight: 4, phone: "0086 10 #### ####", postcode: "1000##", familyFirst: true,
		given:  []string{"美玲|meiling", "伟|wei", "𠮷子|jizi"},
		family: []string{"周|zhou", "欧阳|ouyang"},
		cities: []string{"北京", "上海"},
	},
	{
		country: "KR", countryName: "South Korea", language: "한국어", weight: 3, phone: "010-####-####", postcode: "0####", familyFirst: true,
		given:  []string{"지우|jiwoo", "민준|minjun"},
		family: []string{"김|kim", "남궁|namgung"},
		cities: []string{"서울", "부산"},
	},
	{
		country: "IN", countryName: "India", language: "हिन्दी", weight: 4, phone: "0## #### ####", postcode: "11####",
		given:  []string{"प्रिया|priya", "अर्जुन|arjun"},
		family: []string{"शर्मा|sharma", "श्रीवास्तव|srivastava"},
		cities: []string{"दिल्ली", "मुंबई"},
	},
}
