package tamper

// Screenshot reports whether a picture without camera data has exactly the size
// of a common screen, upright or on its side. Cameras take pictures in other
// proportions, scanners in those of paper; a picture scaled for sending may hit
// such a size by chance, so it is a weak hint.
func Screenshot(width, height int) bool {
	short, long := min(width, height), max(width, height)
	for _, s := range [][2]int{
		// phones
		{640, 1136}, {750, 1334}, {828, 1792}, {1080, 1920}, {1080, 2160}, {1080, 2220}, {1080, 2280}, {1080, 2340}, {1080, 2400}, {1080, 2408}, {1080, 2412},
		{1125, 2436}, {1170, 2532}, {1179, 2556}, {1206, 2622}, {1242, 2208}, {1242, 2688}, {1284, 2778}, {1290, 2796}, {1320, 2868}, {1440, 2560}, {1440, 2880}, {1440, 2960}, {1440, 3040}, {1440, 3120}, {1440, 3200},
		{720, 1280}, {720, 1520}, {720, 1560}, {720, 1600},
		// tablets
		{1536, 2048}, {1620, 2160}, {1640, 2360}, {1668, 2224}, {1668, 2388}, {2048, 2732}, {800, 1280}, {1200, 1920}, {1600, 2560},
		// desktops
		{768, 1366}, {800, 1280}, {900, 1440}, {900, 1600}, {1050, 1680}, {1200, 1920}, {1440, 3440}, {1600, 2560}, {1664, 2560}, {1800, 2880}, {1964, 3024}, {2160, 3840}, {2234, 3456},
	} {
		if s == [2]int{short, long} {
			return true
		}
	}
	return false
}
