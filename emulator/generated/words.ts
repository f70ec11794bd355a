/** What generated posts are about: for each category, what titles and descriptions speak of, and its tags. */

export interface Subject {
  readonly category: string;
  /** What a post shows. */
  readonly things: readonly string[];
  readonly tags: readonly string[];
}

/** The categories in alphabetical order, as they follow each other in the source's index. */
export const subjects: readonly Subject[] = [
  {
    category: "art",
    things: [
      "Watercolour Landscape",
      "Charcoal Portrait",
      "Abstract Canvas",
      "Pen Sketch",
      "Clay Sculpture",
      "Mural",
    ],
    tags: [
      "Art Drawings",
      "Painting Ideas",
      "Sketches",
      "Canvas Art",
      "Art Inspiration",
      "Aesthetic Art",
      "Sculpture",
    ],
  },
  {
    category: "beauty",
    things: [
      "Eye Makeup",
      "Skincare Routine",
      "Braided Hairstyle",
      "Nail Design",
      "Summer Glow",
      "Lip Colour",
    ],
    tags: [
      "Makeup Looks",
      "Nail Art",
      "Hair Styles",
      "Skin Care",
      "Beauty Hacks",
      "Long Hair",
      "Natural Makeup",
    ],
  },
  {
    category: "christmas",
    things: [
      "Christmas Tree",
      "Advent Wreath",
      "Gingerbread House",
      "Holiday Mantel",
      "Gift Wrapping",
      "Snow Globe",
    ],
    tags: [
      "Christmas Decor",
      "Xmas Crafts",
      "Holiday Cookies",
      "Winter Wonderland",
      "Ornaments",
      "Noel",
      "Gift Ideas",
    ],
  },
  {
    category: "diy-and-crafts",
    things: [
      "Macramé Wall Hanging",
      "Paper Flowers",
      "Painted Jars",
      "Yarn Basket",
      "Pallet Shelf",
      "Felt Toys",
    ],
    tags: [
      "Diy Crafts",
      "Crafts For Kids",
      "Easy Diy",
      "Handmade Gifts",
      "Paper Crafts",
      "Upcycling",
      "Home Projects",
    ],
  },
  {
    category: "education",
    things: [
      "Alphabet Worksheet",
      "Science Experiment",
      "Reading Corner",
      "Maths Game",
      "Study Notes",
      "Sight Words",
    ],
    tags: [
      "Kindergarten",
      "Teaching Ideas",
      "Classroom",
      "Study Tips",
      "Learning Activities",
      "Homeschool",
      "Phonics",
    ],
  },
  {
    category: "event-planning",
    things: [
      "Wedding Checklist",
      "Balloon Arch",
      "Garden Party",
      "Table Setting",
      "Birthday Brunch",
      "Invitation Suite",
    ],
    tags: [
      "Party Planning",
      "Wedding Ideas",
      "Event Decor",
      "Centerpieces",
      "Baby Shower",
      "Corporate Events",
      "Bridal",
    ],
  },
  {
    category: "finance",
    things: [
      "Monthly Budget",
      "Savings Challenge",
      "Side Income",
      "Debt Payoff Plan",
      "Investing Basics",
      "Cash Envelopes",
    ],
    tags: [
      "Money Saving Tips",
      "Budgeting",
      "Personal Finance",
      "Passive Income",
      "Frugal Living",
      "Investing",
      "Debt Free",
    ],
  },
  {
    category: "home-decor",
    things: [
      "Living Room",
      "Farmhouse Kitchen",
      "Reading Nook",
      "Gallery Wall",
      "Small Bathroom",
      "Entryway",
    ],
    tags: [
      "Home Decor Ideas",
      "Interior Design",
      "Cozy Living",
      "Modern Farmhouse",
      "Diy Home",
      "Boho Decor",
      "Wall Decor",
    ],
  },
  {
    category: "mens-fashion",
    things: [
      "Linen Suit",
      "Winter Coat",
      "Street Style",
      "Leather Boots",
      "Casual Denim",
      "Tailored Blazer",
    ],
    tags: [
      "Mens Outfits",
      "Menswear",
      "Fashion For Men",
      "Casual Style",
      "Street Wear",
      "Gentleman",
      "Mens Shoes",
    ],
  },
  {
    category: "quotes",
    things: [
      "Morning Motivation",
      "Words to Live By",
      "Love Lines",
      "Monday Reminder",
      "Stoic Thought",
      "Kind Words",
    ],
    tags: [
      "Inspirational Quotes",
      "Life Quotes",
      "Motivation",
      "Positive Thoughts",
      "Poetry",
      "Wisdom",
      "Sayings",
    ],
  },
  {
    category: "tattoos",
    things: [
      "Fine Line Tattoo",
      "Floral Sleeve",
      "Minimal Symbol",
      "Script Tattoo",
      "Geometric Wolf",
      "Ankle Design",
    ],
    tags: [
      "Tattoo Ideas",
      "Small Tattoos",
      "Tattoos For Women",
      "Sleeve Tattoos",
      "Ink",
      "Tattoo Designs",
      "Body Art",
    ],
  },
  {
    category: "travel",
    things: [
      "Amalfi Coast",
      "Iceland in Winter",
      "Road Trip",
      "Hidden Beach",
      "City Weekend",
      "Mountain Trail",
    ],
    tags: [
      "Travel Destinations",
      "Bucket List",
      "Vacation Ideas",
      "Places To Go",
      "Travel Tips",
      "Adventure",
      "Europe",
    ],
  },
  {
    category: "vehicles",
    things: [
      "Nissan GT-R",
      "Vintage Lowrider",
      "Electric Pickup",
      "Café Racer",
      "Camper Van",
      "Classic Mustang",
    ],
    tags: [
      "Lowrider",
      "Old Vintage Cars",
      "Muscle Cars",
      "Dream Cars",
      "Motorcycles",
      "Sport Cars",
      "Classic Trucks",
    ],
  },
];

/** What a title says of a thing. */
export const titlePatterns: readonly string[] = [
  "{thing}",
  "{number} {thing} Ideas You Will Love",
  "The Best {thing} of the Year",
  "How to Get the Perfect {thing}",
  "{thing}: {number} Tips, Tricks & Secrets",
  'My "{thing}" Story',
  "{thing} ✨",
];

/** What a description says of a thing. */
export const sentences: readonly string[] = [
  "{thing}. Sick.",
  "Save this {thing} for later!",
  'We asked {number} people about "{thing}", and here is what they said.',
  "Simple, cheap, and done in {number} minutes.",
  "It doesn't get better than this 😍",
  "Click through for the full list, free printables, and more.",
  "Déjà vu? You have never seen a {thing} like it.",
  "Tag a friend who needs this.",
];
